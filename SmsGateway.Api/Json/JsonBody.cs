using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using Microsoft.Net.Http.Headers;

using SmsGateway.Api.Errors;

namespace SmsGateway.Api.Json;

/// <summary>A body that was read, or what is wrong with it.</summary>
internal readonly record struct JsonBody<T>(T? Value, Problem? Problem)
    where T : class;

/// <summary>Reads request bodies strictly, and says what is wrong in the client's words rather than the serializer's.</summary>
internal static class JsonBody
{
    /// <summary>Largest body where an endpoint allows no other; the server refuses more before it is read (413).</summary>
    public const int MaxBytes = 64 * 1024;

    private const string MediaType = "application/json";

    public static async ValueTask<JsonBody<T>> ReadAsync<T>(
        HttpRequest request, JsonTypeInfo<T> type, int maxBytes, CancellationToken cancellationToken)
        where T : class
    {
        if (!IsJson(request.ContentType))
        {
            return new(null, new Problem(ProblemTypes.UnsupportedMediaType));
        }

        var reader = request.BodyReader;
        while (true)
        {
            var read = await reader.ReadAsync(cancellationToken);
            var buffer = read.Buffer;
            if (buffer.Length > maxBytes)
            {
                reader.AdvanceTo(buffer.End);
                return new(null, new Problem(ProblemTypes.TooLarge));
            }

            if (read.IsCompleted)
            {
                var result = Parse(buffer, type);
                reader.AdvanceTo(buffer.End);
                return result;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    private static bool IsJson(string? contentType) =>
        string.Equals(contentType, MediaType, StringComparison.OrdinalIgnoreCase)
        || (MediaTypeHeaderValue.TryParse(contentType, out var parsed)
            && parsed.MediaType.Equals(MediaType, StringComparison.OrdinalIgnoreCase)
            && (!parsed.Charset.HasValue
                || HeaderUtilities.RemoveQuotes(parsed.Charset).Equals("utf-8", StringComparison.OrdinalIgnoreCase)));

    private static JsonBody<T> Parse<T>(in ReadOnlySequence<byte> body, JsonTypeInfo<T> type)
        where T : class
    {
        if (body.IsSingleSegment)
        {
            return Parse(body.FirstSpan, type);
        }

        int length = (int)body.Length;
        byte[] copy = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            body.CopyTo(copy);
            return Parse(copy.AsSpan(0, length), type);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(copy, clearArray: true);
        }
    }

    internal static JsonBody<T> Parse<T>(ReadOnlySpan<byte> body, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type) is { } value ? new(value, null) : new(null, JsonFault.NotAnObject());
        }
        catch (JsonException error)
        {
            return new(null, JsonFault.Explain(error, type));
        }
    }
}
