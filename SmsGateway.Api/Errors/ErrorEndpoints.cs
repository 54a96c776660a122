using Microsoft.AspNetCore.Http.HttpResults;

namespace SmsGateway.Api.Errors;

/// <summary>What the kinds of errors mean.</summary>
internal static class ErrorEndpoints
{
    /// <summary>Makes the <c>type</c> of a problem something that can be opened.</summary>
    public static RouteGroupBuilder MapProblemTypes(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup(ProblemType.Path).ExcludeFromDescription();
        group.MapGet("/", ListProblemTypes);
        group.MapGet("/{slug}", GetProblemType);
        return group;
    }

    private static Ok<ProblemType[]> ListProblemTypes() => TypedResults.Ok(ProblemTypes.All);

    private static Results<Ok<ProblemType>, Problem> GetProblemType(string slug) =>
        Array.Find(ProblemTypes.All, type => type.Slug == slug) is { } found
            ? TypedResults.Ok(found)
            : new Problem(ProblemTypes.NotFound);
}
