using System.Reflection;

namespace Aspire.Hosting;

/// <summary>
/// Lets a test run an AppHost's entry point up to <c>Build()</c>, change the builder, and then start the application itself.
/// It flows with the execution context, so that several AppHosts can be under test at once.
/// </summary>
internal sealed class EntryPointInterception(Assembly appHostAssembly)
{
    private static readonly AsyncLocal<EntryPointInterception?> Ambient = new();

    private readonly TaskCompletionSource<DistributedApplicationBuilder> _builder = NewSource<DistributedApplicationBuilder>();
    private readonly TaskCompletionSource<DistributedApplication> _application = NewSource<DistributedApplication>();
    private readonly TaskCompletionSource _mayBuild = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public static EntryPointInterception? Current => Ambient.Value;

    public Assembly AppHostAssembly { get; } = appHostAssembly;

    public Task Disposed => _disposed.Task;

    public async Task<DistributedApplicationBuilder> StartAsync(string[] args, CancellationToken cancellationToken)
    {
        var entryPoint = AppHostAssembly.EntryPoint
            ?? throw new InvalidOperationException($"{AppHostAssembly.GetName().Name} has no entry point.");
        var run = Task.Factory.StartNew(
            () =>
            {
                Ambient.Value = this;
                entryPoint.Invoke(null, entryPoint.GetParameters().Length == 0 ? [] : [args]);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        _ = run.ContinueWith(Ended, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return await _builder.Task.WaitAsync(cancellationToken);
    }

    public void OfferBuilder(DistributedApplicationBuilder builder)
    {
        _builder.TrySetResult(builder);
        _mayBuild.Task.GetAwaiter().GetResult();
    }

    public Task<DistributedApplication> BuildAsync(CancellationToken cancellationToken)
    {
        _mayBuild.TrySetResult();
        return _application.Task.WaitAsync(cancellationToken);
    }

    public void OfferApplication(DistributedApplication application) => _application.TrySetResult(application);

    public void Abandon() => _mayBuild.TrySetCanceled();

    public void OnDisposed() => _disposed.TrySetResult();

    private void Ended(Task run)
    {
        var reason = run.Exception?.InnerException is TargetInvocationException { InnerException: { } inner }
            ? inner
            : run.Exception?.InnerException ?? new InvalidOperationException("The AppHost ended before it built an application.");
        _builder.TrySetException(reason);
        _application.TrySetException(reason);
        // Whoever asks gets the reason; if nobody asks any more, it must not surface as an unobserved exception.
        _ = _builder.Task.Exception;
        _ = _application.Task.Exception;
    }

    private static TaskCompletionSource<T> NewSource<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
