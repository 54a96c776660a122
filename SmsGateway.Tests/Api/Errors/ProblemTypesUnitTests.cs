using System.Reflection;

using SmsGateway.Api.Errors;

namespace SmsGateway.Tests.Api.Errors;

public sealed class ProblemTypesUnitTests
{
    [Fact]
    public void All_holds_every_type_once()
    {
        var declared = typeof(ProblemTypes).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(field => field.FieldType == typeof(ProblemType)).Select(field => (ProblemType)field.GetValue(null)!);
        Assert.Equal(declared.OrderBy(type => type.Slug), ProblemTypes.All.OrderBy(type => type.Slug));
        Assert.Equal(ProblemTypes.All.Length, ProblemTypes.All.Select(type => type.Uri).Distinct().Count());
    }

    [Theory]
    [InlineData(404, "not-found")]
    [InlineData(405, "method-not-allowed")]
    [InlineData(413, "too-large")]
    [InlineData(418, "other")]
    [InlineData(500, "internal")]
    public void OfStatus_finds_the_type(int status, string slug) => Assert.Equal(slug, ProblemTypes.OfStatus(status).Slug);
}
