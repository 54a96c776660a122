namespace SmsGateway.AppHost.Deployment;

/// <summary>What the stack is published for: setting <c>Deployment:Target</c>.</summary>
internal enum DeploymentTarget
{
    /// <summary>One machine with Docker Compose; Redis and PostgreSQL in containers with volumes.</summary>
    Compose,

    /// <summary>A Helm chart; Redis and PostgreSQL in stateful sets with claimed volumes.</summary>
    Kubernetes,

    /// <summary>Azure Container Apps, with Azure Managed Redis and Azure Database for PostgreSQL.</summary>
    Azure,
}
