using System.Globalization;
using System.Text;
using System.Text.Json;

using SmsGateway.Api.Json;
using SmsGateway.Core.Accounts;
using SmsGateway.Core.Money;
using SmsGateway.Tests.EndToEnd;

using Xunit.Abstractions;

namespace SmsGateway.Tests.Api.Fuzz;

/// <summary>
/// Walks the OpenAPI document and sends each endpoint good and hostile requests from a printed seed. No answer may be a 500 or one that the document does
/// not allow, and the ledger must hold what was answered, no more: nothing is charged by a refused request. FUZZ_SEED repeats a run, FUZZ_REQUESTS makes
/// it longer.
/// </summary>
[Collection(RequestTestGroup.Name)]
public sealed class FuzzIntegrationTests(RunningStack stack, ITestOutputHelper output)
{
    private const long CreditUnits = 1_000_000_000_000;
    private const int DefaultRequests = 60;

    private static readonly TimeSpan LedgerLimit = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Every_endpoint_answers_what_its_schema_allows(bool throughTheEdge)
    {
        int seed = Number("FUZZ_SEED", (int)TimeProvider.System.GetTimestamp() & 0xFFFFFF);
        output.WriteLine($"FUZZ_SEED={seed}");
        // One connection a request: the server closes that of a body which it refuses unread, perhaps just when the next request is written to it.
        using var handler = new SocketsHttpHandler
        {
            RequestHeaderEncodingSelector = (_, _) => Encoding.Latin1, AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.Zero,
        };
        using var client = new HttpClient(handler) { BaseAddress = (throughTheEdge ? stack.Edge : stack.Api).BaseAddress };
        var customer = await stack.NewCustomerAsync(CreditUnits, Rights.Send | Rights.Read | Rights.Billing | Rights.Admin);
        var document = new ApiDocument(JsonDocument.Parse(await client.GetByteArrayAsync(new Uri("/api/schema/", UriKind.Relative))).RootElement);
        var maker = new RequestMaker(document, new Random(seed), customer.UserId, customer.Key);
        var books = new Books(customer);
        var wrong = new List<string>();
        foreach (var operation in document.Operations.Where(operation => !throughTheEdge || !operation.Path.StartsWith("/api/admin", StringComparison.Ordinal)))
        {
            for (int i = 0; i < Number("FUZZ_REQUESTS", DefaultRequests); i++)
            {
                var request = i % 4 == 0 ? maker.Good(operation) : maker.Hostile(operation);
                FuzzAnswer answer;
                try
                {
                    answer = await CallAsync(client, request);
                }
                catch (HttpRequestException broken)
                {
                    wrong.Add($"{operation}: no answer, {broken.InnerException?.Message ?? broken.Message}\n   {request}");
                    continue;
                }

                books.Write(operation, answer);
                string fault = Fault(document, operation, request, answer);
                if (fault.Length > 0)
                {
                    wrong.Add($"{fault}\n   {request}\n   answered {answer.Status} {Encoding.UTF8.GetString(answer.Body.AsSpan(0, Math.Min(300, answer.Body.Length)))}");
                }
            }
        }

        Assert.True(wrong.Count == 0, $"FUZZ_SEED={seed}: {wrong.Count} wrong\n{string.Join('\n', wrong.Take(20))}");
        output.WriteLine(books.ToString());
        Assert.True(books.Messages > 0);
        await books.AssertAreThoseOfTheLedgerAsync(stack);
    }

    [Fact]
    public async Task Examples_keep_their_schemas()
    {
        var document = new ApiDocument(JsonDocument.Parse(await stack.Edge.GetByteArrayAsync(new Uri("/api/schema/", UriKind.Relative))).RootElement);

        var schemas = document.Root.GetProperty("components").GetProperty("schemas").EnumerateObject().ToList();

        var wrong = schemas
            .Where(schema => schema.Value.TryGetProperty("examples", out _))
            .SelectMany(schema => schema.Value.GetProperty("examples").EnumerateArray().Select(example => document.Schemas.Check(example, schema.Value, schema.Name)))
            .Where(fault => fault.Length > 0);
        Assert.Empty(wrong);
        Assert.DoesNotContain(
            document.Operations, operation => operation.BodySchema is { } body && !document.Schemas.Resolve(body).TryGetProperty("examples", out _));
    }

    [Fact]
    public async Task Every_path_refuses_methods_that_it_does_not_have()
    {
        var document = new ApiDocument(JsonDocument.Parse(await stack.Api.GetByteArrayAsync(new Uri("/api/schema/", UriKind.Relative))).RootElement);
        foreach (var path in document.Operations.GroupBy(operation => operation.Path))
        {
            foreach (string method in new[] { "PUT", "DELETE", "PATCH", "GET", "POST" }.Except(path.Select(operation => operation.Method)))
            {
                using var request = new HttpRequestMessage(new(method), path.Key.Replace("{", "", StringComparison.Ordinal).Replace("}", "", StringComparison.Ordinal));
                using var answer = await stack.Api.SendAsync(request);

                Assert.Equal((405, "application/problem+json"), ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType));
                Assert.NotEmpty(answer.Content.Headers.Allow);
            }
        }
    }

    /// <summary>What the answer has wrong; empty where nothing is.</summary>
    private static string Fault(ApiDocument document, ApiOperation operation, FuzzRequest request, FuzzAnswer answer)
    {
        // A path with a zero byte never reaches the application: the server answers by itself, and has no words. The edge has.
        if (answer is { Status: "400", Body.Length: 0 } && request.Target.Contains("%00", StringComparison.Ordinal))
        {
            return "";
        }

        if (document.Check(operation, answer) is { Length: > 0 } wrong)
        {
            return $"{operation}: {wrong}";
        }

        bool isTaken = answer.Status[0] == '2';
        if (operation.BodySchema is { } schema && isTaken && document.Schemas.Check(JsonDocument.Parse(request.Body).RootElement, schema) is { Length: > 0 } refused)
        {
            return $"{operation}: taken against its schema: {refused}";
        }

        // What a schema cannot say: no such key or message, which parts of a bulk go together, and where it would cost too much.
        return !request.IsHostile && answer.Status is "415" or "413" ? $"{operation}: refused in spite of its schema" : "";
    }

    private static async Task<FuzzAnswer> CallAsync(HttpClient client, FuzzRequest request)
    {
        using var message = request.ToMessage();
        message.RequestUri = new Uri(
            client.BaseAddress!.GetLeftPart(UriPartial.Authority) + request.Target, new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true });
        // A body that is refused unread breaks the connection that it is written to, unless the client waits for the word to write it. The edge reads on.
        message.Headers.ExpectContinue = request.Body?.Length > JsonBody.MaxBytes;
        using var response = await client.SendAsync(message);
        return new(
            ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture), response.Content.Headers.ContentType?.MediaType ?? "",
            await response.Content.ReadAsByteArrayAsync(), response.Headers.Contains("Idempotent-Replayed"));
    }

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out int number) ? number : otherwise;

    /// <summary>What the answers say that was charged and credited.</summary>
    private sealed class Books(Customer customer)
    {
        private long _costUnits;

        public int Messages { get; private set; }

        public override string ToString() => $"{Messages} messages for {_costUnits} units were taken";

        public void Write(ApiOperation operation, FuzzAnswer answer)
        {
            if (answer.Status != "202" || answer.IsReplay)
            {
                return;
            }

            var body = JsonDocument.Parse(answer.Body).RootElement;
            _costUnits += (long)(body.GetProperty("cost").GetDecimal() * Amount.UnitsPerCredit);
            Messages += operation.Path.Contains("bulk", StringComparison.Ordinal) ? body.GetProperty("count").GetInt32() : 1;
        }

        public Task AssertAreThoseOfTheLedgerAsync(RunningStack stack) => Until.CompleteAsync(LedgerLimit, async () =>
        {
            await using var command = stack.Database.CreateCommand(
                """
                SELECT (SELECT count(*) FROM sms_messages WHERE user_id = $1),
                       (SELECT coalesce(-sum(amount), 0)::bigint FROM credit_ledger WHERE user_id = $1 AND kind = 'usage')
                """);
            command.Parameters.Add(new() { Value = customer.UserId });
            await using var reader = await command.ExecuteReaderAsync();
            await reader.ReadAsync();
            var (messages, cost) = (reader.GetInt64(0), reader.GetInt64(1));
            Assert.True(messages <= Messages && cost <= _costUnits, $"{messages} messages for {cost} units are stored, {this}");
            return messages == Messages && cost == _costUnits ? "" : $"{messages} messages for {cost} units are stored, {this}";
        });
    }
}
