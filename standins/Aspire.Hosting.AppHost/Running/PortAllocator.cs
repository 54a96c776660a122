using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Aspire.Hosting.Running;

/// <summary>
/// Free ports below the range that the system gives to outgoing connections: a client's connection must never take the port
/// of a server that is just being restarted.
/// </summary>
internal sealed class PortAllocator
{
    private const int First = 10_000;
    private const int Last = 32_000;
    private readonly HashSet<int> _given = [];

    /// <summary>Never to be given out.</summary>
    public void Exclude(int port) => _given.Add(port);

    public int Allocate()
    {
        for (var attempt = 0; attempt < Last - First; attempt++)
        {
            var port = RandomNumberGenerator.GetInt32(First, Last);
            if (!_given.Contains(port) && IsFree(port))
            {
                _given.Add(port);
                return port;
            }
        }

        throw new DistributedApplicationException($"No free port between {First} and {Last}.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Any, port) { ExclusiveAddressUse = true };
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
