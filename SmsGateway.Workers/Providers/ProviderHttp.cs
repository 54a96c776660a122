using System.Buffers;

namespace SmsGateway.Workers.Providers;

/// <summary>Reads a provider's answer.</summary>
/// <param name="response">Its status and headers.</param>
/// <param name="body">Empty where not all of it came.</param>
internal delegate T ReadAnswer<out T>(HttpResponseMessage response, ReadOnlySpan<byte> body);

/// <summary>What all providers over HTTP have in common: one request, a bounded answer, and whether a failed request can have been taken.</summary>
internal static class ProviderHttp
{
    public const string MalformedAnswer = "malformed_answer";

    private const string NoAnswer = "no_answer";
    private const int AnswerBytes = 4096;
    private const int MaxAnswerBytes = 64 * 1024;

    private static readonly TimeSpan MaxRetryAfter = TimeSpan.FromHours(1);

    /// <summary>Sends the request once, whose content leaves by the departure.</summary>
    public static async Task<SendResult> SendAsync(
        HttpClient http, HttpRequestMessage request, Departure departure, ReadAnswer<SendResult> read, CancellationToken cancellationToken)
    {
        try
        {
            return await AskAsync(http, request, read, cancellationToken);
        }
        catch (Exception error) when (error is HttpRequestException or OperationCanceledException)
        {
            return departure.HasLeft ? new SendResult.Unknown(error is HttpRequestException ? NoAnswer : "timeout")
                : departure.IsHeldBack ? new SendResult.HeldBack()
                : new SendResult.Unavailable(ReasonOf(error));
        }
    }

    /// <summary>Asks for something and reads the answer.</summary>
    /// <exception cref="HttpRequestException">No answer came.</exception>
    public static async Task<T> AskAsync<T>(
        HttpClient http, HttpRequestMessage request, ReadAnswer<T> read, CancellationToken cancellationToken)
    {
        using var response = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        byte[] buffer = ArrayPool<byte>.Shared.Rent(AnswerBytes);
        try
        {
            int length = 0;
            bool isWhole = true;
            try
            {
                var body = await response.Content.ReadAsStreamAsync(cancellationToken);
                int received;
                while (isWhole && (received = await body.ReadAsync(buffer.AsMemory(length), cancellationToken)) > 0)
                {
                    length += received;
                    isWhole = length < MaxAnswerBytes;
                    buffer = isWhole ? Grow(buffer, length) : buffer;
                }
            }
            catch (Exception error) when (error is IOException or HttpRequestException or OperationCanceledException)
            {
                // The status has come all the same, and says more than nothing.
                isWhole = false;
            }

            return read(response, isWhole ? buffer.AsSpan(0, length) : default);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>How long the provider wants to be left alone, where it says so: an hour at most.</summary>
    public static TimeSpan? RetryAfter(HttpResponseMessage response, TimeProvider time)
    {
        var header = response.Headers.RetryAfter;
        var wait = header?.Delta ?? (header?.Date - time.GetUtcNow());
        return wait is not { } known ? null
            : known < TimeSpan.Zero ? TimeSpan.Zero
            : known > MaxRetryAfter ? MaxRetryAfter : known;
    }

    private static byte[] Grow(byte[] buffer, int length)
    {
        if (length < buffer.Length)
        {
            return buffer;
        }

        byte[] larger = ArrayPool<byte>.Shared.Rent(Math.Min(buffer.Length * 2, MaxAnswerBytes));
        buffer.AsSpan(0, length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(buffer);
        return larger;
    }

    private static string ReasonOf(Exception error) => error is not HttpRequestException failed ? "connect_timeout" : failed.HttpRequestError switch
    {
        HttpRequestError.NameResolutionError => "name_not_resolved",
        HttpRequestError.SecureConnectionError => "tls_failed",
        _ => "not_connected",
    };
}
