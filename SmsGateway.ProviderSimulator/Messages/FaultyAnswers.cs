using Microsoft.Extensions.Options;
using SmsGateway.ProviderSimulator.Faults;

namespace SmsGateway.ProviderSimulator.Messages;

/// <summary>The answers that break HTTP or JSON.</summary>
internal sealed class FaultyAnswers(IOptions<SimulatorOptions> options, IHostApplicationLifetime lifetime, TimeProvider time)
{
    // Flushing hands the bytes to the server's sender; a reset at once would overtake them.
    private static readonly TimeSpan HalfAnswerLinger = TimeSpan.FromMilliseconds(20);

    /// <summary>Gives the faulty answer in place of <paramref name="answer"/>, the JSON of a 201.</summary>
    public async Task SpoilAsync(HttpContext context, AnswerFault fault, ReadOnlyMemory<byte> answer)
    {
        switch (fault)
        {
            case AnswerFault.HangBeforeAccept or AnswerFault.HangAfterAccept:
                using (var over = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, lifetime.ApplicationStopping))
                {
                    await Task.Delay(options.Value.HangLimit, time, over.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                }

                break;
            case AnswerFault.WrongJson:
                // The whole of it, with a right Content-Length, and still no JSON: as a proxy that answers in the provider's place.
                Start(context);
                await context.Response.WriteAsync("<html><body>Created</body></html>", context.RequestAborted);
                return;
            case AnswerFault.HalfAnswer:
                Start(context);
                context.Response.ContentLength = answer.Length;
                await context.Response.Body.WriteAsync(answer[..(answer.Length / 2)], context.RequestAborted);
                await context.Response.Body.FlushAsync(context.RequestAborted);
                await Task.Delay(HalfAnswerLinger, time, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                break;
        }

        context.Abort();
    }

    private static void Start(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status201Created;
        context.Response.ContentType = "application/json";
    }
}
