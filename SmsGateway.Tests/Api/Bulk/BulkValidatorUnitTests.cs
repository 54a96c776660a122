using System.Text;
using System.Text.Json;

using Microsoft.Extensions.Options;

using SmsGateway.Api.Bulk;
using SmsGateway.Api.Errors;
using SmsGateway.Api.Json;
using SmsGateway.Api.Messages;
using SmsGateway.Core.Messages;

namespace SmsGateway.Tests.Api.Bulk;

public sealed class BulkValidatorUnitTests
{
    private static readonly PhoneNumbers Numbers = new(Options.Create(new NumbersOptions()));

    [Fact]
    public void Validate_one_text_to_many_is_a_send_each()
    {
        var sends = Validate("""{"recipients":["+491701234567","+447700900123"],"message":"hi","priority":"express"}""", out _);

        Assert.Equal(["+491701234567", "+447700900123"], sends!.Select(send => send.Recipient));
        Assert.All(sends!, send => Assert.Equal(("hi", Priority.Express), (send.Text, send.Priority)));
    }

    [Fact]
    public void Validate_message_takes_from_all_what_it_leaves_out()
    {
        var sends = Validate(
            """
            {"message":"hi","sender":"Shop","validity_seconds":60,
             "messages":[{"recipient":"+491701234567"},{"recipient":"+491701234568","message":"ho","sender":"Bank","priority":"express"}]}
            """,
            out _);

        Assert.Equal(
            [("hi", "Shop", Priority.Normal, 60), ("ho", "Bank", Priority.Express, 60)],
            sends!.Select(send => (send.Text, send.Sender!, send.Priority, send.ValiditySeconds)));
    }

    [Theory]
    [InlineData("{}", "recipients")]
    [InlineData("""{"message":"hi","recipients":[]}""", "recipients")]
    [InlineData("""{"messages":[]}""", "messages")]
    [InlineData("""{"message":"hi","recipients":["+491701234567"],"messages":[{"recipient":"+491701234567"}]}""", "messages")]
    [InlineData("""{"recipients":["+491701234567"]}""", "message")]
    [InlineData("""{"message":"hi","recipients":["+491701234567",null,"12"]}""", "recipients[1]", "recipients[2]")]
    [InlineData("""{"messages":[{"recipient":"+491701234567","message":"hi"},null,{}]}""", "messages[1]", "messages[2].recipient", "messages[2].message")]
    [InlineData("""{"sender":"+","priority":"soon","messages":[{"recipient":"+491701234567","message":"hi"}]}""", "priority", "sender")]
    [InlineData("""{"max_cost":-1,"message":"hi","recipients":["+491701234567"]}""", "max_cost")]
    public void Validate_names_what_is_at_fault(string json, params string[] fields)
    {
        Assert.Null(Validate(json, out var problem));
        Assert.Equal(fields, problem!.Errors!.Keys);
    }

    [Fact]
    public void Validate_names_a_hundred_faults_at_most()
    {
        Validate(JsonSerializer.Serialize(new { message = "hi", recipients = Enumerable.Repeat("12", 10_000) }), out var problem);

        Assert.Equal(100, problem!.Errors!.Count);
    }

    [Fact]
    public void Validate_the_most_messages_are_taken() => Assert.Equal(
        BulkRecord.MostMessages,
        Validate(JsonSerializer.Serialize(new { message = "hi", recipients = Enumerable.Repeat("+491701234567", 10_000) }), out _)!.Count);

    [Theory]
    [InlineData("recipients", "\"+491701234567\"")]
    [InlineData("messages", "{}")]
    public void Parse_one_message_too_many_is_refused_before_the_rest_is_read(string field, string item)
    {
        string json = $$"""{"{{field}}":[{{string.Join(',', Enumerable.Repeat(item, 10_001))}}]}""";

        var (body, problem) = Parse(json);

        Assert.Null(body);
        Assert.Equal([$"{field}[10000]"], problem!.Errors!.Keys);
    }

    [Theory]
    [InlineData("""{"messages":[{"recipient":"a"},{"recipient":5}]}""", "messages[1].recipient")]
    [InlineData("""{"messages":[{"recipient":"a","recipient":"a"}]}""", "messages[0].recipient")]
    [InlineData("""{"messages":[{},{},{"dry_run":true}]}""", "messages[2].dry_run")]
    [InlineData("""{"messages":[{"validity_seconds":"60"}]}""", "messages[0].validity_seconds")]
    [InlineData("""{"messages":[[]]}""", "messages[0]")]
    [InlineData("""{"messages":{}}""", "messages")]
    [InlineData("""{"recipients":[1]}""", "recipients[0]")]
    [InlineData("""{"recipients":[["a"]]}""", "recipients[0]")]
    [InlineData("""{"recipients":"a"}""", "recipients")]
    [InlineData("""{"text":"a"}""", "text")]
    public void Parse_names_the_field_at_fault(string json, string field)
    {
        var (body, problem) = Parse(json);

        Assert.Null(body);
        Assert.Equal([field], problem!.Errors!.Keys);
    }

    private static List<Send>? Validate(string json, out Problem? problem)
    {
        var (body, wrong) = Parse(json);
        Assert.Null(wrong);
        var errors = default(FieldErrors);
        var sends = new BulkValidator(new(Numbers), Numbers).Validate(body!, ref errors);
        problem = errors.Any ? errors.ToProblem() : null;
        return sends;
    }

    private static JsonBody<BulkRequest> Parse(string json) => JsonBody.Parse(Encoding.UTF8.GetBytes(json), ApiJson.Strict.BulkRequest);
}
