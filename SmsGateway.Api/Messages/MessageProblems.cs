using SmsGateway.Api.Errors;

namespace SmsGateway.Api.Messages;

/// <summary>The errors that several calls on messages have in common.</summary>
internal static class MessageProblems
{
    public static Problem NotFound() => new(ProblemTypes.NotFound, "No message of this account has this id.");
}
