using System.Buffers;
using System.ComponentModel;
using System.Globalization;
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
    /// <summary>Largest body; the server refuses more before it is read (413).</summary>
    public const int MaxBytes = 64 * 1024;

    private const string MediaType = "application/json";
    private const int LongestEcho = 64;

    public static async ValueTask<JsonBody<T>> ReadAsync<T>(HttpRequest request, JsonTypeInfo<T> type, CancellationToken cancellationToken)
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
            if (buffer.Length > MaxBytes)
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
            return JsonSerializer.Deserialize(body, type) is { } value ? new(value, null) : new(null, NotAnObject());
        }
        catch (JsonException error)
        {
            return new(null, Explain(error, type));
        }
    }

    private static Problem NotAnObject() => new(ProblemTypes.MalformedJson, "The body must be a JSON object.");

    /// <summary>The serializer tells where it stopped; what is allowed there, the property's description says.</summary>
    private static Problem Explain(JsonException error, JsonTypeInfo type)
    {
        // A syntax error is a reader's exception inside; everything else has a path.
        if (error.InnerException is JsonException)
        {
            return new(ProblemTypes.MalformedJson, string.Create(
                CultureInfo.InvariantCulture, $"Not JSON at line {error.LineNumber + 1}, byte {error.BytePositionInLine + 1}."));
        }

        string field = FieldName(error.Path);
        if (field.Length == 0)
        {
            return NotAnObject();
        }

        foreach (var property in type.Properties)
        {
            if (property.Name == field)
            {
                return Problem.OfField(field, $"at most once: {Allowed(property)}");
            }
        }

        string known = string.Join(", ", type.Properties.Select(property => property.Name));
        return Problem.OfField(field.Length > LongestEcho ? field[..LongestEcho] : field, $"unknown field; known are {known}");
    }

    private static string Allowed(JsonPropertyInfo property) =>
        property.AttributeProvider?.GetCustomAttributes(typeof(DescriptionAttribute), inherit: false) is [DescriptionAttribute rule, ..]
            ? rule.Description
            : property.PropertyType.Name;

    /// <summary>The first name in a path such as <c>$.name</c>, <c>$.name.inner</c> or <c>$['odd name']</c>.</summary>
    private static string FieldName(string? path)
    {
        const string plain = "$.";
        const string quoted = "$['";
        if (path is null)
        {
            return "";
        }

        if (path.StartsWith(quoted, StringComparison.Ordinal))
        {
            int end = path.IndexOf("']", StringComparison.Ordinal);
            return end < 0 ? path[quoted.Length..] : path[quoted.Length..end];
        }

        return path.StartsWith(plain, StringComparison.Ordinal) ? path[plain.Length..].Split('.', '[')[0] : "";
    }
}
