namespace SmsGateway.Load;

/// <summary>A case cannot be measured; the message says why.</summary>
internal sealed class BenchException(string message) : Exception(message);
