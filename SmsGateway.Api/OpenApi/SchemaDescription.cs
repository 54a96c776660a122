using System.ComponentModel;
using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json.Nodes;

using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

using SmsGateway.Api.Bulk;
using SmsGateway.Api.Credits;
using SmsGateway.Api.Keys;
using SmsGateway.Api.Messages;
using SmsGateway.Core.Money;

namespace SmsGateway.Api.OpenApi;

/// <summary>Says in the schemas what the generator does not know: the form of amounts, what is allowed where, and examples.</summary>
internal static class SchemaDescription
{
    private static readonly Type[] Requests = [typeof(SendRequest), typeof(BulkRequest), typeof(BulkMessage), typeof(ChargeRequest), typeof(KeyRequest)];

    public static void Describe(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        var type = context.JsonTypeInfo.Type;
        if (type == typeof(Amount) || type == typeof(Amount?))
        {
            schema.Type = type == typeof(Amount) ? JsonSchemaType.Number : JsonSchemaType.Number | JsonSchemaType.Null;
            schema.Description = "Credits, exact to four decimal places.";
        }

        if (context.JsonPropertyInfo?.AttributeProvider is { } property)
        {
            DescribeProperty(schema, property, context.ApplicationServices);
        }
        else
        {
            DescribeType(schema, type);
        }
    }

    private static void DescribeType(OpenApiSchema schema, Type type)
    {
        if (Requests.Contains(type))
        {
            schema.AdditionalPropertiesAllowed = false;
            foreach (string name in schema.Required ?? new HashSet<string>())
            {
                if (schema.Properties?[name] is OpenApiSchema required)
                {
                    required.Type &= ~JsonSchemaType.Null;
                }
            }
        }

        if (Examples.Of(type) is { } example)
        {
            schema.Examples = [JsonNode.Parse(example)!];
        }
    }

    private static void DescribeProperty(OpenApiSchema schema, ICustomAttributeProvider property, IServiceProvider services)
    {
        if (Find<DescriptionAttribute>(property) is { } description)
        {
            schema.Description = description.Description;
            if (description.Description == SendRules.Recipient && services.GetRequiredService<IOptions<NumbersOptions>>().Value.DefaultCountryCode is null)
            {
                schema.Pattern = PhoneNumbers.Pattern;
            }
        }

        if (Find<AllowedValuesAttribute>(property) is { } allowed)
        {
            schema.Enum = [.. allowed.Values.Select(value => (JsonNode)(string)value!)];
            if (schema.Type is { } type && type.HasFlag(JsonSchemaType.Null))
            {
                schema.Enum.Add(null!);
            }
        }

        if (Find<FormatAttribute>(property) is { } format)
        {
            schema.Format = format.Format;
        }
    }

    private static T? Find<T>(ICustomAttributeProvider property)
        where T : Attribute => property.GetCustomAttributes(typeof(T), inherit: false) is [T attribute, ..] ? attribute : null;
}

/// <summary>The format of a text in the schema.</summary>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class FormatAttribute(string format) : Attribute
{
    public string Format => format;
}
