using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace SmsGateway.Tests.Api.Fuzz;

/// <summary>Holds JSON against the schemas of an OpenAPI 3.1 document, as far as it uses JSON Schema. A keyword that is not known fails.</summary>
internal sealed class SchemaCheck(JsonElement root)
{
    private static readonly string[] Annotations = ["description", "examples", "default", "title"];

    /// <summary>What is wrong, with where; empty where nothing is.</summary>
    public string Check(JsonElement value, JsonElement schema, string at = "$")
    {
        foreach (var keyword in schema.EnumerateObject())
        {
            if (CheckKeyword(value, schema, keyword.Name, keyword.Value, at) is { Length: > 0 } wrong)
            {
                return wrong;
            }
        }

        return "";
    }

    public JsonElement Resolve(JsonElement schema)
    {
        while (schema.TryGetProperty("$ref", out var reference))
        {
            schema = reference.GetString()!.Split('/').Skip(1).Aggregate(root, (element, name) => element.GetProperty(name));
        }

        return schema;
    }

    private string CheckKeyword(JsonElement value, JsonElement schema, string name, JsonElement rule, string at)
    {
        bool isText = value.ValueKind == JsonValueKind.String;
        bool isList = value.ValueKind == JsonValueKind.Array;
        bool isNumber = value.ValueKind == JsonValueKind.Number;
        bool holds = name switch
        {
            "$ref" => true,
            "type" => IsOfType(value, rule),
            "enum" => rule.EnumerateArray().Any(one => JsonElement.DeepEquals(one, value)),
            "oneOf" => rule.EnumerateArray().Count(one => Check(value, one, at).Length == 0) == 1,
            "required" => value.ValueKind != JsonValueKind.Object || rule.EnumerateArray().All(one => value.TryGetProperty(one.GetString()!, out _)),
            "minItems" => !isList || value.GetArrayLength() >= rule.GetInt32(),
            "maxItems" => !isList || value.GetArrayLength() <= rule.GetInt32(),
            "minLength" => !isText || Characters(value) >= rule.GetInt32(),
            "maxLength" => !isText || Characters(value) <= rule.GetInt32(),
            "pattern" => !isText || Regex.IsMatch(value.GetString()!, rule.GetString()!, RegexOptions.ECMAScript | RegexOptions.CultureInvariant),
            "minimum" => !isNumber || value.GetDecimal() >= rule.GetDecimal(),
            "maximum" => !isNumber || value.GetDecimal() <= rule.GetDecimal(),
            "format" => !isText || IsOfFormat(value.GetString()!, rule.GetString()!),
            "properties" or "additionalProperties" or "items" => true,
            _ => Annotations.Contains(name) ? true : throw new NotSupportedException($"the schema keyword {name}"),
        };
        if (!holds)
        {
            return $"{at}: {name} {rule.GetRawText()} does not hold";
        }

        return name switch
        {
            "$ref" => Check(value, Resolve(schema), at),
            "properties" => CheckProperties(value, rule, at),
            "additionalProperties" => CheckOthers(value, schema, rule, at),
            "items" when isList => First(value.EnumerateArray().Select((item, index) => Check(item, rule, $"{at}[{index}]"))),
            _ => "",
        };
    }

    private string CheckProperties(JsonElement value, JsonElement properties, string at) =>
        value.ValueKind != JsonValueKind.Object
            ? ""
            : First(value.EnumerateObject().Select(
                member => properties.TryGetProperty(member.Name, out var schema) ? Check(member.Value, schema, $"{at}.{member.Name}") : ""));

    private string CheckOthers(JsonElement value, JsonElement schema, JsonElement rule, string at)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            return "";
        }

        var others = value.EnumerateObject().Where(
            member => !schema.TryGetProperty("properties", out var known) || !known.TryGetProperty(member.Name, out _));
        return First(others.Select(
            member => rule.ValueKind == JsonValueKind.False ? $"{at}: unknown {member.Name}"
                : rule.ValueKind == JsonValueKind.Object ? Check(member.Value, rule, $"{at}.{member.Name}")
                : ""));
    }

    private static string First(IEnumerable<string> results) => results.FirstOrDefault(result => result.Length > 0) ?? "";

    private static int Characters(JsonElement text) => text.GetString()!.EnumerateRunes().Count();

    private static bool IsOfType(JsonElement value, JsonElement type) =>
        type.ValueKind == JsonValueKind.Array ? type.EnumerateArray().Any(one => IsOfType(value, one)) : value.ValueKind switch
        {
            JsonValueKind.Null => type.GetString() == "null",
            JsonValueKind.True or JsonValueKind.False => type.GetString() == "boolean",
            JsonValueKind.String => type.GetString() == "string",
            JsonValueKind.Array => type.GetString() == "array",
            JsonValueKind.Object => type.GetString() == "object",
            _ => type.GetString() == "number" || (type.GetString() == "integer" && value.TryGetDecimal(out decimal number) && number == decimal.Truncate(number)),
        };

    private static bool IsOfFormat(string text, string format) => format switch
    {
        "uuid" => Guid.TryParseExact(text, "D", out _),
        "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, out _) && text.Contains('T', StringComparison.Ordinal),
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        _ => true,
    };
}
