namespace SmsGateway.ProviderSimulator.Messages;

/// <summary>
/// Value of <c>I-Twilio-Idempotency-Token</c>. Twilio's SDKs send a UUID, which is kept in 16 bytes; other text, which is
/// legal, is kept as it is.
/// </summary>
internal readonly record struct IdempotencyToken(Guid Uuid, string? Text)
{
    public const string Header = "I-Twilio-Idempotency-Token";
    public const int MaxLength = 128;

    public bool IsEmpty => Text is null && Uuid == default;

    public static IdempotencyToken Parse(string? text) =>
        string.IsNullOrEmpty(text) ? default
        : Guid.TryParseExact(text, "D", out var uuid) && uuid != default ? new(uuid, null)
        : new(default, text);

    public override string? ToString() => IsEmpty ? null : Text ?? Uuid.ToString();
}
