namespace SmsGateway.Workers;

/// <summary>Runs loops side by side that end only when they are told to.</summary>
internal static class Loops
{
    /// <summary>
    /// Runs until told to stop. A loop that ends before is a mistake of ours: the others are ended too, and the caller, and with it the worker,
    /// fails at once instead of going on with a part of its work undone.
    /// </summary>
    public static async Task RunAsync(IEnumerable<Func<CancellationToken, Task>> loops, CancellationToken stopping)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var running = loops.Select(loop => loop(end.Token)).ToList();
        await Task.WhenAny(running);
        await end.CancelAsync();
        await Task.WhenAll(running);
    }
}
