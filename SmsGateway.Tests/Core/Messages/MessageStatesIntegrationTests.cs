using SmsGateway.Core.Messages;
using SmsGateway.Tests.Fixtures;

namespace SmsGateway.Tests.Core.Messages;

[Collection(InfrastructureCollection.Name)]
public sealed class MessageStatesIntegrationTests(Infrastructure infrastructure)
{
    [Fact]
    public async Task After_every_pair_of_states_is_what_the_database_says()
    {
        await using var stores = await infrastructure.NewStoresAsync();
        foreach (var current in Enum.GetValues<MessageState>())
        {
            foreach (var outcome in Enum.GetValues<MessageState>())
            {
                string inDatabase = await stores.ScalarAsync<string>(
                    "SELECT sms_state_after($1::text::sms_state, $2::text::sms_state)::text", current.Name(), outcome.Name());

                Assert.Equal((current, outcome, inDatabase), (current, outcome, current.After(outcome).Name()));
            }
        }
    }

    [Fact]
    public void After_any_two_outcomes_never_goes_back()
    {
        foreach (var current in Enum.GetValues<MessageState>())
        {
            foreach (var outcome in Enum.GetValues<MessageState>())
            {
                Assert.True(current.After(outcome).Rank() >= current.Rank());
                Assert.True(!current.IsFinal() || current.After(outcome) == current);
            }
        }
    }
}
