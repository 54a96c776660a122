using Microsoft.AspNetCore.Http;

using SmsGateway.Api.Errors;
using SmsGateway.Api.Requests;

namespace SmsGateway.Tests.Api.Requests;

public sealed class RequestIdUnitTests
{
    [Theory]
    [InlineData("a", null, "a")]
    [InlineData(null, "b c~", "b c~")]
    [InlineData("a", "a", "a")]
    [InlineData(null, null, null)]
    public void Read_one_id_under_either_name(string? requestId, string? key, string? expected)
    {
        var (id, errors) = Read(requestId, key);
        Assert.Equal(expected, id);
        Assert.False(errors.Any);
    }

    [Theory]
    [InlineData("a", "b")]
    [InlineData("", null)]
    [InlineData("ä", null)]
    [InlineData(null, "a\tb")]
    public void Read_wrong_id_is_an_error(string? requestId, string? key)
    {
        var (id, errors) = Read(requestId, key);
        Assert.Null(id);
        Assert.Equal(requestId is null ? RequestId.Synonym : RequestId.Header, Assert.Single(errors.ToProblem().Errors!).Key);
    }

    [Theory]
    [InlineData(128, true)]
    [InlineData(129, false)]
    public void Read_id_has_128_characters_at_most(int length, bool isValid) =>
        Assert.Equal(isValid, Read(new string('x', length), null).Id is not null);

    [Fact]
    public void Read_header_given_twice_is_an_error()
    {
        var errors = default(FieldErrors);
        Assert.Null(RequestId.Read(new HeaderDictionary { [RequestId.Header] = new(["a", "a"]) }, ref errors));
        Assert.True(errors.Any);
    }

    private static (string? Id, FieldErrors Errors) Read(string? requestId, string? key)
    {
        var headers = new HeaderDictionary();
        if (requestId is not null)
        {
            headers[RequestId.Header] = requestId;
        }

        if (key is not null)
        {
            headers[RequestId.Synonym] = key;
        }

        var errors = default(FieldErrors);
        return (RequestId.Read(headers, ref errors), errors);
    }
}
