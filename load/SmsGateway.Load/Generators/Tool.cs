using System.ComponentModel;
using System.Diagnostics;

namespace SmsGateway.Load.Generators;

/// <summary>Programs of this machine.</summary>
internal static class Tool
{
    /// <summary>Runs a program to its end; returns what it printed on both outputs. It ends with the bench.</summary>
    /// <exception cref="BenchException">It cannot be run, or failed.</exception>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception missing)
        {
            throw new BenchException($"{program} cannot be run: {missing.Message}");
        }

        using (process)
        {
            process.StandardInput.Close();
            try
            {
                var error = process.StandardError.ReadToEndAsync(cancellationToken);
                string output = await process.StandardOutput.ReadToEndAsync(cancellationToken) + await error;
                await process.WaitForExitAsync(cancellationToken);
                return process.ExitCode == 0 ? output : throw new BenchException($"{program} ended with {process.ExitCode}: {output}");
            }
            finally
            {
                if (!process.HasExited)
                {
                    process.Kill(entireProcessTree: true);
                }
            }
        }
    }

    /// <summary>The same; null where it cannot be run or fails.</summary>
    public static async Task<string?> TryRunAsync(string program, IEnumerable<string> arguments, CancellationToken cancellationToken)
    {
        try
        {
            return await RunAsync(program, arguments, cancellationToken);
        }
        catch (BenchException)
        {
            return null;
        }
    }
}
