using System.Globalization;
using System.Text.Json;

namespace SmsGateway.Core.Providers;

/// <summary>Reads ids and codes out of the JSON of providers.</summary>
public static class JsonField
{
    /// <summary>The answer; null where it is no JSON.</summary>
    public static JsonElement? Parse(ReadOnlySpan<byte> body)
    {
        // Nothing, or the HTML of something that stands before the API, is common when much fails: no exception for it.
        if (body.IsEmpty || body[0] is not ((byte)'{' or (byte)'['))
        {
            return null;
        }

        try
        {
            var reader = new Utf8JsonReader(body);
            var answer = JsonElement.ParseValue(ref reader);
            return reader.Read() ? null : answer;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>The text or number at a path such as <c>messages.0.id</c>; null where there is none, or it is no plausible id or code.</summary>
    public static string? Read(JsonElement? answer, string path)
    {
        if (answer is not { } element || path.Length == 0)
        {
            return null;
        }

        foreach (string step in path.Split('.'))
        {
            if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty(step, out var member))
            {
                element = member;
            }
            else if (element.ValueKind == JsonValueKind.Array
                && int.TryParse(step, NumberStyles.None, CultureInfo.InvariantCulture, out int place) && place < element.GetArrayLength())
            {
                element = element[place];
            }
            else
            {
                return null;
            }
        }

        return element.ValueKind switch
        {
            JsonValueKind.String => ProviderText.Check(element.GetString()),
            JsonValueKind.Number => ProviderText.Check(element.GetRawText()),
            _ => null,
        };
    }
}
