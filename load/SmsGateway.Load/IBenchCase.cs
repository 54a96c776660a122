using SmsGateway.Load.Cases;
using SmsGateway.Load.Results;

namespace SmsGateway.Load;

/// <summary>Something that is measured, with its own limit measured beside it in the same run.</summary>
internal interface IBenchCase
{
    /// <summary>How it is called on the command line.</summary>
    string Name { get; }

    /// <summary>What is measured, in one line.</summary>
    string What { get; }

    /// <summary>How long it is measured unless somebody asks for another time.</summary>
    TimeSpan Duration { get; }

    /// <summary>Brings up what it needs, measures, and leaves nothing behind. The first measurement is what the case is about.</summary>
    /// <exception cref="BenchException">It cannot be measured.</exception>
    Task<IReadOnlyList<Measurement>> RunAsync(BenchRun run, CancellationToken cancellationToken);
}

/// <summary>All cases. A new one is a class in <c>Cases/</c> and a line here.</summary>
internal static class BenchCases
{
    public static readonly IReadOnlyList<IBenchCase> All =
    [
        new AcceptCase(),
        new EdgeCase(),
        new ScriptCase(),
        new IngestCase(),
        new PipelineCase(),
        new SteadyCase(),
        new FairnessCase(),
        new ScheduledCase(),
        new ExpressCase(),
        new TableCase(),
        new LocustCase(),
        new PeersCase(),
        new SoakCase(),
        new TracesCase(),
        new OutageCase(),
    ];
}
