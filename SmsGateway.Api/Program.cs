using SmsGateway.Api;
using SmsGateway.Api.Accounts;
using SmsGateway.Api.Credits;
using SmsGateway.Api.Errors;
using SmsGateway.Api.Health;
using SmsGateway.Api.Json;
using SmsGateway.Api.Messages;
using SmsGateway.Api.OpenApi;
using SmsGateway.Api.Receipts;
using SmsGateway.Api.Requests;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddStores().AddRequests().AddJson().AddErrors().AddApiDescription();
builder.AddAccounts().AddMessages().AddCredits().AddReceipts().AddHealth();

var app = builder.Build();
app.UseRequestNames().UseErrors().UseApiKeys();
app.MapDefaultEndpoints();
app.MapMessages();
app.MapCredits();
app.MapReceipts();
app.MapHealth();
app.MapProblemTypes();
app.MapApiDescription();
await app.RunAsync();
