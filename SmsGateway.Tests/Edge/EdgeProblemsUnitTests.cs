using System.Text.Json;
using System.Text.RegularExpressions;

using SmsGateway.Api.Errors;

namespace SmsGateway.Tests.Edge;

/// <summary>The edge's own answers stand in its configuration as text.</summary>
public sealed partial class EdgeProblemsUnitTests
{
    [Fact]
    public void Template_answers_with_problems_that_the_API_explains()
    {
        string template = Path.GetFullPath(Path.Combine("..", "nginx", "nginx.conf.template"), Projects.SmsGateway_AppHost.ProjectPath);
        var answers = Answer().Matches(File.ReadAllText(template));

        Assert.NotEmpty(answers);
        foreach (Match answer in answers)
        {
            var body = JsonElement.Parse(answer.Groups["body"].Value);
            var type = Assert.Single(ProblemTypes.All, type => type.Uri == body.GetProperty("type").GetString());
            Assert.Equal(type.Title, body.GetProperty("title").GetString());
            Assert.Equal(answer.Groups["status"].Value, body.GetProperty("status").GetRawText());
            Assert.True(type == ProblemTypes.Other || type.Status == body.GetProperty("status").GetInt32());
        }
    }

    [GeneratedRegex("return (?<status>[0-9]+) '(?<body>\\{.*\\})';")]
    private static partial Regex Answer();
}
