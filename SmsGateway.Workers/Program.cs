using SmsGateway.Workers.Commands;

return await GatewayCommandLine.Create().Parse(args).InvokeAsync();
