using System.Text.Json.Serialization;

namespace SmsGateway.Api.Json;

/// <summary>The JSON of answers that the framework writes, and of the API's description.</summary>
internal static class JsonExtensions
{
    public static IHostApplicationBuilder AddJson(this IHostApplicationBuilder builder)
    {
        builder.Services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.PropertyNamingPolicy = ApiJson.Answers.Options.PropertyNamingPolicy;
            json.SerializerOptions.Encoder = ApiJson.Answers.Options.Encoder;
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ApiJson.Default);
        });
        return builder;
    }
}
