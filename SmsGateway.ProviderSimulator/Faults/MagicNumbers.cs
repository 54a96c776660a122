namespace SmsGateway.ProviderSimulator.Faults;

/// <summary>
/// Recipients that always behave in one way. The +1500555 numbers are those of Twilio's test credentials
/// (https://www.twilio.com/docs/iam/test-credentials); +999 is a country code that nobody has, followed by our own codes.
/// </summary>
internal static class MagicNumbers
{
    public static readonly NumberRule[] Rules =
    [
        Refuses("+15005550001", 21211),
        Refuses("+15005550002", 21612),
        Refuses("+15005550003", 21408),
        Refuses("+15005550004", 21610),
        Refuses("+15005550009", 21614),
        Refuses("+999400", 21610),
        Answers("+999429", AnswerFault.TooManyRequests),
        Answers("+999500", AnswerFault.ServerError),
        Answers("+999503", AnswerFault.Unavailable),
        Answers("+999101", AnswerFault.ResetBeforeAccept),
        Answers("+999102", AnswerFault.ResetAfterAccept),
        Answers("+999103", AnswerFault.HalfAnswer),
        Answers("+999104", AnswerFault.WrongJson),
        Answers("+999105", AnswerFault.HangBeforeAccept),
        Answers("+999106", AnswerFault.HangAfterAccept),
        Receives("+999201", ReceiptFaults.Undelivered),
        Receives("+999202", ReceiptFaults.Failed),
        Receives("+999203", ReceiptFaults.SentLost | ReceiptFaults.FinalLost),
        Receives("+999204", ReceiptFaults.FinalLost),
        Receives("+999205", ReceiptFaults.SentTwice | ReceiptFaults.FinalTwice),
        Receives("+999206", ReceiptFaults.FinalFirst),
        Receives("+999207", ReceiptFaults.None),
    ];

    private static NumberRule Refuses(string prefix, int code) =>
        new() { Prefix = prefix, Answer = AnswerFault.Refusal, RefusalCode = code };

    private static NumberRule Answers(string prefix, AnswerFault fault) => new() { Prefix = prefix, Answer = fault };

    private static NumberRule Receives(string prefix, ReceiptFaults faults) => new() { Prefix = prefix, Receipts = faults };
}
