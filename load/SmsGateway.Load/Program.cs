using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

using SmsGateway.Load.Results;

namespace SmsGateway.Load;

/// <summary>
/// <c>CASE [--seconds N] [--out FILE]</c> measures, <c>compare A B</c> compares two files of results, nothing lists the cases. <c>./bench</c> calls it.
/// </summary>
internal static class Program
{
    private const int Failed = 1;
    private const int Misused = 2;
    private const int Interrupted = 130;

    public static async Task<int> Main(string[] arguments)
    {
        using var ending = new CancellationTokenSource();
        void End(PosixSignalContext context)
        {
            // What was started is stopped in order.
            context.Cancel = true;
            ending.Cancel();
        }

        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        try
        {
            return arguments switch
            {
                [] => List(),
                ["compare", var before, var after] => Compare(before, after),
                [var name, .. var options] => await MeasureAsync(name, options, ending.Token),
            };
        }
        catch (Exception error) when (error is BenchException or IOException or JsonException)
        {
            await Console.Error.WriteLineAsync($"bench: {error.Message}");
            return Failed;
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            return Interrupted;
        }
    }

    private static int List()
    {
        foreach (var one in BenchCases.All)
        {
            Console.WriteLine($"  {one.Name,-10} {one.What} ({one.Duration.TotalSeconds:0} s)");
        }

        return 0;
    }

    private static async Task<int> MeasureAsync(string name, string[] options, CancellationToken cancellationToken)
    {
        if (BenchCases.All.FirstOrDefault(one => one.Name == name) is not { } found)
        {
            await Console.Error.WriteLineAsync($"bench: there is no case '{name}'; there are {string.Join(", ", BenchCases.All.Select(one => one.Name))}");
            return Misused;
        }

        string? seconds = Option(options, "--seconds") ?? Environment.GetEnvironmentVariable("BENCH_SECONDS");
        var duration = string.IsNullOrEmpty(seconds) ? found.Duration
            : int.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out int wanted) && wanted > 0 ? TimeSpan.FromSeconds(wanted)
            : throw new BenchException($"'{seconds}' is no number of seconds");
        string repository = Environment.GetEnvironmentVariable("BENCH_REPOSITORY") ?? Directory.GetCurrentDirectory();

        var measurements = await RunAsync(found, new BenchRun(duration, Path.Combine(repository, "load")), repository, cancellationToken);
        var result = new CaseResult
        {
            Case = name,
            Seconds = duration.TotalSeconds,
            Measurements = measurements,
            Machine = await Machine.ReadAsync(repository, TimeProvider.System, cancellationToken),
        };
        string line = result.ToJson();
        if (Option(options, "--out") is { } file)
        {
            await File.AppendAllTextAsync(file, line + "\n", cancellationToken);
        }

        Console.WriteLine($"{name}: {found.What}");
        Console.Write(ResultTable.Of(result));
        Console.WriteLine(line);
        return 0;
    }

    /// <summary>What the servers of a case say goes to a log, to be looked at when it fails.</summary>
    private static async Task<IReadOnlyList<Measurement>> RunAsync(
        IBenchCase one, BenchRun run, string repository, CancellationToken cancellationToken)
    {
        var output = Console.Out;
        string file = Path.Combine(repository, ".local", $"bench-{one.Name}.log");
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await using var log = new StreamWriter(file);
        Console.SetOut(TextWriter.Synchronized(log));
        try
        {
            return await one.RunAsync(run, cancellationToken);
        }
        catch
        {
            BenchRun.Say($"what the servers said is in {file}");
            throw;
        }
        finally
        {
            Console.SetOut(output);
        }
    }

    private static int Compare(string before, string after)
    {
        var changes = new Comparison(Comparison.Read(before), Comparison.Read(after)).Changes().ToList();
        changes.ForEach(Console.WriteLine);
        int worse = changes.Count(change => change.Verdict == Verdict.Worse);
        Console.WriteLine($"{changes.Count} compared, {worse} worse, {changes.Count(change => change.Verdict == Verdict.Better)} better beyond noise");
        return worse > 0 ? Failed : 0;
    }

    /// <summary>The value after an option's name; null where it is not given.</summary>
    private static string? Option(string[] options, string name)
    {
        int place = Array.IndexOf(options, name);
        return place >= 0 && place + 1 < options.Length ? options[place + 1] : null;
    }
}
