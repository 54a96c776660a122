using System.Text;

using SmsGateway.Api.Errors;
using SmsGateway.Api.Json;
using SmsGateway.Api.Messages;
using SmsGateway.Core.Money;

namespace SmsGateway.Tests.Api.Errors;

public sealed class JsonBodyUnitTests
{
    [Fact]
    public void Parse_good_body_is_read()
    {
        var (body, problem) = Parse(
            """
            {"recipient":"+491701234567","message":"h\u00e9","validity_seconds":60,"dry_run":true,"max_cost":0.15,"sender":null}
            """);
        Assert.Null(problem);
        Assert.Equal("hé", body!.Message);
        Assert.Equal(new Amount(1500), body.MaxCost);
        Assert.Null(body.Sender);
    }

    [Theory]
    [InlineData("""{"recipient":1}""", "recipient")]
    [InlineData("""{"recipient":{}}""", "recipient")]
    [InlineData("""{"recipient":[[[[[[[[[[[[1]]]]]]]]]]]]}""", "recipient")]
    [InlineData("""{"recipient":"\ud800"}""", "recipient")]
    [InlineData("""{"message":"a","message":"a"}""", "message")]
    [InlineData("""{"validity_seconds":"60"}""", "validity_seconds")]
    [InlineData("""{"validity_seconds":60.5}""", "validity_seconds")]
    [InlineData("""{"validity_seconds":99999999999}""", "validity_seconds")]
    [InlineData("""{"dry_run":"true"}""", "dry_run")]
    [InlineData("""{"dry_run":1}""", "dry_run")]
    [InlineData("""{"max_cost":"0.1"}""", "max_cost")]
    [InlineData("""{"max_cost":0.00001}""", "max_cost")]
    [InlineData("""{"max_cost":1e300}""", "max_cost")]
    [InlineData("""{"foo":1}""", "foo")]
    [InlineData("""{"Recipient":"x"}""", "Recipient")]
    [InlineData("""{"foo.bar":1}""", "foo.bar")]
    [InlineData("""{"$id":"1"}""", "$id")]
    public void Parse_wrong_field_is_named(string json, string field)
    {
        var (body, problem) = Parse(json);
        Assert.Null(body);
        Assert.Equal(ProblemTypes.InvalidRequest, problem!.Type);
        Assert.Equal(field, Assert.Single(problem.Errors!).Key);
    }

    [Fact]
    public void Parse_wrong_field_says_what_is_allowed()
    {
        var problem = Parse("""{"validity_seconds":"1"}""").Problem!;
        Assert.Contains(SendRules.ValiditySeconds, problem.Errors!["validity_seconds"][0], StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_unknown_field_says_which_are_known() =>
        Assert.Contains("callback_url", Parse("""{"foo":1}""").Problem!.Errors!["foo"][0], StringComparison.Ordinal);

    [Fact]
    public void Parse_long_unknown_name_is_cut() =>
        Assert.Equal(64, Assert.Single(Parse($$"""{"{{new string('x', 5000)}}":1}""").Problem!.Errors!).Key.Length);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("1")]
    [InlineData("\"x\"")]
    [InlineData("{} {}")]
    [InlineData("""{"message":"a",}""")]
    [InlineData("""{/* */"message":"a"}""")]
    [InlineData("""{'message':'a'}""")]
    [InlineData("""{"message":"a" "recipient":"b"}""")]
    [InlineData("\uFEFF{}")]
    [InlineData("{\"message\":\"a\nb\"}")]
    public void Parse_no_json_object_is_malformed(string json) => Assert.Equal(ProblemTypes.MalformedJson, Parse(json).Problem!.Type);

    [Fact]
    public void Parse_invalid_utf8_is_refused()
    {
        byte[] json = [.. "{\"message\":\""u8, 0xFF, 0xC0, .. "\"}"u8];
        Assert.NotNull(JsonBody.Parse(json, ApiJson.Strict.SendRequest).Problem);
    }

    private static JsonBody<SendRequest> Parse(string json) => JsonBody.Parse(Encoding.UTF8.GetBytes(json), ApiJson.Strict.SendRequest);
}
