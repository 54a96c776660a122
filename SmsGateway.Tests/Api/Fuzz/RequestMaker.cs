using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace SmsGateway.Tests.Api.Fuzz;

/// <summary>A request that a test makes up. A body without a seed of harm keeps the schema.</summary>
internal sealed record FuzzRequest(string Method, string Target, byte[]? Body, string? ContentType, List<(string Name, string Value)> Headers, bool IsHostile)
{
    public HttpRequestMessage ToMessage()
    {
        var message = new HttpRequestMessage(
            new(Method), new Uri($"http://gateway{Target}", new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));
        if (Body is not null)
        {
            message.Content = new ByteArrayContent(Body);
            if (ContentType is not null)
            {
                message.Content.Headers.TryAddWithoutValidation("Content-Type", ContentType);
            }
        }

        foreach (var (name, value) in Headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }

        return message;
    }

    public override string ToString()
    {
        const int longest = 500;
        string body = Body is null ? "" : Encoding.UTF8.GetString(Body.AsSpan(0, Math.Min(Body.Length, longest)));
        string target = Target.Length > longest ? Target[..longest] : Target;
        return $"{Method} {target} {ContentType} {string.Join(' ', Headers.Where(header => header.Name != "X-Api-Key"))} ({Body?.Length} bytes) {body}";
    }
}

/// <summary>Makes requests for an endpoint from its schema and a seeded source of chance: good ones, and ones that do harm in one way.</summary>
internal sealed class RequestMaker(ApiDocument document, Random random, long userId, string key)
{
    private static readonly string[] OddTexts =
    [
        "", "%20", "0", "-1", "101", "abc", "null", "%00", "%ff%fe", "%2F", "..", "%F0%9F%91%8D", "'%20OR%201=1%20--", "%0d%0aX-Evil:%201", "2030-13-45",
        "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "2026-01-01T00:00:00", "older-", "older-0", "newer-00000000-0000-7000-8000-000000000000",
        "older-019a1f5e-7c00-7a51-8f4e-3f1d5a6b7c8d", "9223372036854775808", "{}", "true", "ssn%3D", "%E0%80%80",
    ];

    private static readonly string[] OddJson =
    [
        "null", "true", "0", "-1", "1.5", "1e999", "-1e-999", "99999999999999999999", "\"\"", "\"1\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"a\\u0000b\"", "[]", "{}", "[null]",
        "{\"a\":1}", "\"\\u202e\"", "0.00001", "00", "+1", "NaN", "Infinity", "'a'", "\"\n\"", "0x10", "\"\\x\"", "truefalse",
    ];

    private static readonly string?[] OddContentTypes =
        [null, "", "text/plain", "application/xml", "application/json; charset=utf-16", "application/json;", "multipart/form-data; boundary=x", "*/*", "json", "application/x-www-form-urlencoded"];

    private static readonly string[] OddKeys = ["", " ", "sgw_unknown", "' OR 1=1 --", "\u00e4", new('k', 129), new('k', 4_000)];

    private static readonly string[] OddRequestIds = ["", "\u00e9", new('r', 129), "a\tb", "{}", "%00"];

    public FuzzRequest Good(ApiOperation operation) => Make(operation, null);

    /// <summary>A good request to which one or two kinds of harm are done.</summary>
    public FuzzRequest Hostile(ApiOperation operation)
    {
        var request = Make(operation, OddTexts);
        if (request.Body is { Length: > 0 } body && random.Next(4) != 0)
        {
            request = request with { Body = Harm(body, operation) };
        }

        return (random.Next(6), request.Body) switch
        {
            (0, not null) => request with { ContentType = Pick(OddContentTypes) },
            (1, _) => With(request, "X-Api-Key", Pick(OddKeys)),
            (2, _) => With(request, "X-Request-ID", Pick(OddRequestIds)),
            (3, _) => With(With(request, "X-Request-ID", "one"), "Idempotency-Key", "other"),
            _ => request,
        };
    }

    private static FuzzRequest With(FuzzRequest request, string name, string value) =>
        request with { Headers = [.. request.Headers.Where(header => header.Name != name), (name, value)] };

    private FuzzRequest Make(ApiOperation operation, string[]? odd)
    {
        string path = operation.ParametersIn("path").Aggregate(
            operation.Path, (text, parameter) => text.Replace($"{{{parameter.GetProperty("name").GetString()}}}", PathValue(parameter, odd), StringComparison.Ordinal));
        var query = operation.ParametersIn("query").Where(_ => random.Next(3) == 0)
            .Select(parameter => $"{parameter.GetProperty("name").GetString()}={(odd is null ? GoodText(parameter.GetProperty("schema")) : Pick(odd))}");
        if (odd is not null && random.Next(4) == 0)
        {
            query = [.. query, .. query, $"{Pick(odd)}={Pick(odd)}"];
        }

        path = random.Next(2) == 0 ? path : path.TrimEnd('/');
        string all = string.Join('&', query);
        byte[]? body = operation.BodySchema is { } schema ? JsonSerializer.SerializeToUtf8Bytes(GoodValue(schema)) : operation.Method == "POST" ? [] : null;
        return new(
            operation.Method, all.Length == 0 ? path : $"{path}?{all}", body, operation.BodySchema is null ? null : "application/json",
            operation.NeedsKey ? [("X-Api-Key", key)] : [], odd is not null);
    }

    private string PathValue(JsonElement parameter, string[]? odd)
    {
        string name = parameter.GetProperty("name").GetString()!;
        bool isOdd = odd is not null && random.Next(2) == 0;
        return isOdd ? random.Next(10) == 0 ? new string('x', 2_000) : Pick([.. odd!.Where(text => text.Length > 0)])
            : name == "account" ? userId.ToString(CultureInfo.InvariantCulture)
            : name == "name" ? $"key {random.Next(5)}".Replace(" ", "%20", StringComparison.Ordinal)
            : Guid.CreateVersion7(TimeProvider.System.GetUtcNow()).ToString();
    }

    private string GoodText(JsonElement schema) => Uri.EscapeDataString(GoodValue(schema)!.ToString());

    private JsonNode? GoodValue(JsonElement schema)
    {
        schema = document.Schemas.Resolve(schema);
        if (schema.TryGetProperty("oneOf", out var choices))
        {
            return GoodValue(Pick([.. choices.EnumerateArray()]));
        }

        if (schema.TryGetProperty("enum", out var values))
        {
            return JsonNode.Parse(Pick([.. values.EnumerateArray()]).GetRawText());
        }

        var types = schema.GetProperty("type") is { ValueKind: JsonValueKind.Array } many ? many.EnumerateArray().Select(one => one.GetString()!).ToArray() : [schema.GetProperty("type").GetString()!];
        return Pick(types) switch
        {
            "null" => null,
            "boolean" => random.Next(2) == 0,
            "integer" => Integer(schema),
            "number" => random.Next(1, 1_000_000) / 100m,
            "array" => new JsonArray([.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => GoodValue(schema.GetProperty("items")))]),
            "object" => GoodObject(schema),
            _ => Text(schema),
        };
    }

    private long Integer(JsonElement schema) => schema.TryGetProperty("minimum", out var least)
        ? random.NextInt64(least.GetInt64(), schema.GetProperty("maximum").GetInt64() + 1)
        : userId;

    private JsonObject GoodObject(JsonElement schema)
    {
        var required = schema.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(name => name.GetString()).ToHashSet() : [];
        return new(schema.GetProperty("properties").EnumerateObject()
            .Where(member => required.Contains(member.Name) || random.Next(3) == 0)
            .Select(member => KeyValuePair.Create(member.Name, GoodValue(member.Value))));
    }

    /// <summary>The patterns of the document are few: a text for each is known.</summary>
    private string Text(JsonElement schema)
    {
        if (schema.TryGetProperty("format", out var format))
        {
            return format.GetString() == "uri"
                ? "https://example.com/hook?a=1"
                : TimeProvider.System.GetUtcNow().AddMinutes(random.Next(5, 600)).ToString("yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture);
        }

        string pattern = schema.TryGetProperty("pattern", out var rule) ? rule.GetString()! : "";
        return pattern.StartsWith("^\\+[1-9]", StringComparison.Ordinal) ? $"+4917{random.Next(10_000_000, 99_999_999)}"
            : pattern.StartsWith("^(\\+?", StringComparison.Ordinal) ? Pick(["Shop", "A&B 1", "12345", "+491701234567"])
            : pattern.StartsWith("^[A-Za-z0-9._-]", StringComparison.Ordinal) ? $"key {random.Next(1_000_000)}"
            : schema.TryGetProperty("maxLength", out var longest)
                ? string.Concat(Enumerable.Repeat(Pick(["a", "€", "я", "👍", "\n", " "]), Pick([1, 70, 160, longest.GetInt32()])).Take(longest.GetInt32()))
            : Pick(["send", "read"]);
    }

    private byte[] Harm(byte[] body, ApiOperation operation)
    {
        string json = Encoding.UTF8.GetString(body);
        int at = random.Next(json.Length + 1);
        var members = (JsonNode.Parse(json) as JsonObject)?.Select(member => member.Key).ToArray() ?? [];
        string member = members.Length == 0 ? "recipient" : Pick(members);
        string oddMember = $"\"{member}\":{Pick(OddJson)}";
        return random.Next(16) switch
        {
            0 => body[..random.Next(body.Length + 1)],
            1 => [.. body[..(body.Length / 2)], (byte)random.Next(256), .. body[(body.Length / 2)..]],
            2 => [0xEF, 0xBB, 0xBF, .. body],
            3 => Encoding.UTF8.GetBytes(json[..at] + Pick(["\u0000", ",", "/**/", "\"", "}", "]", "\\"]) + json[at..]),
            4 => Encoding.UTF8.GetBytes(Pick(OddJson)),
            5 => Encoding.UTF8.GetBytes(json + json),
            6 => Encoding.UTF8.GetBytes(json[..^1] + (members.Length == 0 ? "" : ",") + oddMember + "}"),
            7 => Encoding.UTF8.GetBytes($$"""{"unknown_{{random.Next(99)}}":1}"""),
            8 => Encoding.UTF8.GetBytes($"{{\"{member}\":{new string('[', random.Next(7, 400))}"),
            9 => Encoding.UTF8.GetBytes($"{{\"{member}\":[{string.Join(',', Enumerable.Repeat(Pick(OddJson), random.Next(10_001, 12_000)))}]}}"),
            10 => Encoding.UTF8.GetBytes($"{{\"{member}\":\"{new string('x', random.Next(60_000, 80_000))}\"}}"),
            11 => [.. Encoding.UTF8.GetBytes($"{{\"{member}\":\""), 0xED, 0xA0, 0x80, 0xC0, 0xAF, (byte)'"', (byte)'}'],
            12 when operation.Path.Contains("bulk", StringComparison.Ordinal) && random.Next(8) == 0 => new byte[9 * 1024 * 1024],
            _ => Encoding.UTF8.GetBytes(Replaced(json, members)),
        };
    }

    /// <summary>One or two members have another value.</summary>
    private string Replaced(string json, string[] members)
    {
        if (JsonNode.Parse(json) is not JsonObject body || members.Length == 0)
        {
            return Pick(OddJson);
        }

        string changed = Pick(members);
        return "{" + string.Join(',', body.Select(member => $"\"{member.Key}\":{(member.Key == changed || random.Next(8) == 0 ? Pick(OddJson) : member.Value?.ToJsonString() ?? "null")}")) + "}";
    }

    private T Pick<T>(T[] values) => values[random.Next(values.Length)];
}
