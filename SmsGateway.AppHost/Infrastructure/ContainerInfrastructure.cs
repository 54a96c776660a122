namespace SmsGateway.AppHost.Infrastructure;

/// <summary>Redis and PostgreSQL in containers.</summary>
internal static class ContainerInfrastructure
{
    public static InfrastructureResources AddContainerInfrastructure(
        this IDistributedApplicationBuilder builder, AppHostSettings settings, IResourceBuilder<ParameterResource> postgresPassword)
    {
        var redis = builder.AddRedis("redis")
            .WithDataVolume(VolumeName(builder, settings, "redis"))
            .WithArgs(context => AddDurability(context.Args, builder.ExecutionContext));
        var postgres = builder.AddPostgres("postgres", password: postgresPassword)
            .WithDataVolume(VolumeName(builder, settings, "postgres"))
            .WithArgs(PostgresSettings.Arguments);
        return new(redis, postgres, postgres.AddDatabase("smsdb"));
    }

    /// <summary>
    /// Either way a shell reads what becomes one line: locally Aspire joins the arguments, in a deployment the line is the last of them.
    /// </summary>
    private static void AddDurability(IList<object> args, DistributedApplicationExecutionContext execution)
    {
        var durability = RedisDurability.Arguments.Select(argument => argument.Length == 0 ? "''" : argument);
        if (!execution.IsRunMode)
        {
            args[^1] = $"{args[^1]} {string.Join(' ', durability)}";
            return;
        }

        foreach (var argument in durability)
        {
            args.Add(argument);
        }
    }

    /// <summary>
    /// Locally the name goes with the data folder, where the password is that the data was made with: without that folder the data is of
    /// no use, and a test that has a folder of its own gets volumes of its own. (<c>./run --fresh</c> deletes both.) Deployed, it is the same wherever it
    /// was published, and one that Kubernetes allows, which Aspire's own is not.
    /// </summary>
    private static string VolumeName(IDistributedApplicationBuilder builder, AppHostSettings settings, string resource) =>
        builder.ExecutionContext.IsRunMode ? $"sms-gateway-{LocalSecret.ReadOrCreate(settings.DataFolder, "volumes")[..16]}-{resource}" : $"{resource}-data";
}
