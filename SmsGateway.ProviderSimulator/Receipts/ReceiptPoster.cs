using System.Buffers;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Microsoft.Extensions.Options;
using SmsGateway.ProviderSimulator.Messages;

namespace SmsGateway.ProviderSimulator.Receipts;

/// <summary>Posts receipts as Twilio does, over connections that are kept alive and shared by all senders.</summary>
internal sealed class ReceiptPoster : IDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly TwilioAccountOptions _account;
    private readonly SimulatorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ReceiptPoster> _logger;

    public ReceiptPoster(
        IOptions<TwilioAccountOptions> account, IOptions<SimulatorOptions> options, TimeProvider time, ILogger<ReceiptPoster> logger)
    {
        (_account, _options, _time, _logger) = (account.Value, options.Value, time, logger);
        _http = new HttpMessageInvoker(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            // Twilio sends no trace context.
            ActivityHeadersPropagator = null,
            ConnectTimeout = _options.ReceiptTimeout,
            MaxConnectionsPerServer = _options.ReceiptConcurrency,
        });
    }

    public Line OpenLine() => new(this);

    public void Dispose() => _http.Dispose();

    /// <summary>The buffers of one sender, which posts one receipt at a time.</summary>
    internal sealed class Line(ReceiptPoster poster) : IDisposable
    {
        private static readonly MediaTypeHeaderValue FormType = new("application/x-www-form-urlencoded", "UTF-8");

        private readonly TwilioSignature _signature = new(poster._account.AuthToken);
        private readonly (string Name, string Value)[] _parameters = new (string, string)[9];
        private ArrayBufferWriter<byte> _body = new(512);
        private CancellationTokenSource _timeout = new();

        /// <summary>The receiver's status, or null if there was no answer.</summary>
        public async Task<HttpStatusCode?> PostAsync(ReceiptJob job, CancellationToken stopping)
        {
            using var request = Build(job);
            if (!_timeout.TryReset())
            {
                _timeout.Dispose();
                _timeout = new CancellationTokenSource(Timeout.InfiniteTimeSpan, poster._time);
            }

            _timeout.CancelAfter(poster._options.ReceiptTimeout);
            using var stop = stopping.UnsafeRegister(static timeout => ((CancellationTokenSource)timeout!).Cancel(), _timeout);
            try
            {
                using var response = await poster._http.SendAsync(request, _timeout.Token);
                return response.StatusCode;
            }
            catch (HttpRequestException unreachable)
            {
                Log.ReceiptUnanswered(poster._logger, job.Sid, job.CurrentStatus, unreachable.HttpRequestError.ToString());
            }
            catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
            {
                Log.ReceiptUnanswered(poster._logger, job.Sid, job.CurrentStatus, "timeout");
            }

            // The handler may still be reading the bytes of a request that it gave up.
            _body = new ArrayBufferWriter<byte>(512);
            return null;
        }

        public void Dispose() => _timeout.Dispose();

        private HttpRequestMessage Build(ReceiptJob job)
        {
            if (job.IsJson)
            {
                return JsonDialect.WriteReceipt(job);
            }

            var parameters = Fill(job);
            _body.ResetWrittenCount();
            foreach (var (name, value) in parameters)
            {
                if (_body.WrittenCount > 0)
                {
                    _body.Write("&"u8);
                }

                Encoding.UTF8.GetBytes(name, _body);
                _body.Write("="u8);
                Encoding.UTF8.GetBytes(Uri.EscapeDataString(value), _body);
            }

            var request = new HttpRequestMessage(HttpMethod.Post, job.Callback)
            {
                Content = new ReadOnlyMemoryContent(_body.WrittenMemory),
            };
            request.Content.Headers.ContentType = FormType;
            request.Headers.TryAddWithoutValidation("X-Twilio-Signature", _signature.Sign(job.Callback.OriginalString, parameters));
            return request;
        }

        /// <summary>In ordinal order of the names, which the signature needs.</summary>
        private ReadOnlySpan<(string Name, string Value)> Fill(ReceiptJob job)
        {
            var count = 0;
            _parameters[count++] = ("AccountSid", poster._account.AccountSid);
            _parameters[count++] = ("ApiVersion", TwilioDialect.Version);
            if (job.CurrentErrorCode is { } code)
            {
                _parameters[count++] = ("ErrorCode", code.ToString(CultureInfo.InvariantCulture));
            }

            _parameters[count++] = ("From", job.From);
            _parameters[count++] = ("MessageSid", job.Sid);
            _parameters[count++] = ("MessageStatus", job.CurrentStatus);
            _parameters[count++] = ("SmsSid", job.Sid);
            _parameters[count++] = ("SmsStatus", job.CurrentStatus);
            _parameters[count++] = ("To", job.To);
            return _parameters.AsSpan(0, count);
        }
    }
}
