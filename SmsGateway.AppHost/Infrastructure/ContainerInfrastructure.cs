namespace SmsGateway.AppHost.Infrastructure;

internal static class ContainerInfrastructure
{
    public static InfrastructureResources AddContainerInfrastructure(this IDistributedApplicationBuilder builder, IResourceBuilder<ParameterResource> postgresPassword)
    {
        var redis = builder.AddRedis("redis").WithDataVolume().WithArgs(context =>
        {
            if (builder.ExecutionContext.IsRunMode)
            {
                foreach (var argument in RedisDurability.Arguments)
                {
                    context.Args.Add(argument);
                }
            }
            else
            {
                // There the whole command is one argument of a shell.
                context.Args[^1] = $"{context.Args[^1]} {string.Join(' ', RedisDurability.Arguments.Select(argument => argument.Length == 0 ? "''" : argument))}";
            }
        });
        var postgres = builder.AddPostgres("postgres", password: postgresPassword).WithDataVolume();
        return new(redis, postgres, postgres.AddDatabase("smsdb"));
    }
}
