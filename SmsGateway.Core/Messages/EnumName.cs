using System.Text.Json.Serialization;

namespace SmsGateway.Core.Messages;

/// <summary>An enum value as its name in JSON, and as nothing else: a number would let values in that no name stands for.</summary>
internal sealed class EnumName<T>() : JsonStringEnumConverter<T>(namingPolicy: null, allowIntegerValues: false)
    where T : struct, Enum;
