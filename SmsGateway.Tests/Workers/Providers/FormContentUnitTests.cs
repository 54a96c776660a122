using System.Text;

using SmsGateway.Workers.Providers;
using SmsGateway.Workers.Providers.Twilio;

namespace SmsGateway.Tests.Workers.Providers;

public sealed class FormContentUnitTests
{
    [Fact]
    public async Task Form_any_text_is_read_back_as_it_was()
    {
        const int Seed = 20260115;
        var random = new Random(Seed);
        for (int run = 0; run < 500; run++)
        {
            string first = RandomText(random);
            string second = RandomText(random);

            using var form = new FormContent(new Departure());
            form.Add("A"u8, first);
            form.Add("B"u8, second);
            form.Append(first);
            string written = await form.ReadAsStringAsync();

            var read = new Request("", [], written).Form;
            Assert.Equal((first, second + first), (read["A"], read["B"]));
            Assert.Equal(written.Length, form.Headers.ContentLength);
            Assert.All(written, symbol => Assert.True(char.IsAscii(symbol) && symbol != ' '));
        }
    }

    [Fact]
    public async Task Form_same_fields_are_what_the_framework_writes()
    {
        const string Text = "a-b_c.d~e+f g&h=i%j/k";
        using var form = new FormContent(new Departure());
        form.Add("A"u8, Text);
        using var reference = new FormUrlEncodedContent([new("A", Text)]);

        Assert.Equal((await reference.ReadAsStringAsync()).Replace("~", "%7E", StringComparison.Ordinal), await form.ReadAsStringAsync());
    }

    [Fact]
    public async Task HasLeft_only_once_it_is_being_written()
    {
        var departure = new Departure();
        using var form = new FormContent(departure);
        form.Add("A"u8, "b");
        Assert.False(departure.HasLeft);

        await form.CopyToAsync(Stream.Null);

        Assert.True(departure.HasLeft);
    }

    private static string RandomText(Random random)
    {
        var text = new StringBuilder();
        int runes = random.Next(0, 400);
        while (text.Length < runes)
        {
            int value = random.Next(4) switch { 0 => random.Next(0x80), 1 => random.Next(0x800), 2 => random.Next(0x10000), _ => random.Next(0x110000) };
            if (Rune.IsValid(value))
            {
                text.Append(new Rune(value).ToString());
            }
        }

        return text.ToString();
    }
}
