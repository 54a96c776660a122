namespace SmsGateway.Api.Errors;

/// <summary>Every error leaves as a problem: those of handlers, of routing, of the server, and unforeseen ones.</summary>
internal static class ErrorExtensions
{
    public static IHostApplicationBuilder AddErrors(this IHostApplicationBuilder builder)
    {
        builder.Services.AddExceptionHandler<OutageHandler>();
        return builder;
    }

    public static WebApplication UseErrors(this WebApplication app)
    {
        app.UseExceptionHandler(new ExceptionHandlerOptions
        {
            ExceptionHandler = context =>
            {
                Log.CallFailed(app.Logger, context.TraceIdentifier);
                return new Problem(ProblemTypes.Internal).ExecuteAsync(context);
            },
        });
        app.UseStatusCodePages(static context =>
        {
            int status = context.HttpContext.Response.StatusCode;
            return new Problem(ProblemTypes.OfStatus(status)) { Status = status }.ExecuteAsync(context.HttpContext);
        });
        return app;
    }
}
