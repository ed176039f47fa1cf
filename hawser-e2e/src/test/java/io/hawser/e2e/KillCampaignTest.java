package io.hawser.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.hawser.mqtt.ProtocolVersion;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Processes with stored sessions are killed at random moments, again and again: what was confirmed arrives, at QoS 2 once.
 *
 * <p>{@code -Dhawser.kills=100} for more kills than the usual 20, {@code -Dhawser.seed} for the plan of a run that failed;
 * it decides who is killed and roughly when, the machine decides the rest.
 */
@Tag("slow")
class KillCampaignTest {
    private static final String SEED = "hawser.seed";
    private static final String KILLS = "hawser.kills";
    private static final int DEFAULT_KILLS = 20;

    private static int kills(int percent) {
        return Math.max(2, Integer.getInteger(KILLS, DEFAULT_KILLS) * percent / 100);
    }

    private static long seed() {
        return Long.getLong(SEED, System.nanoTime());
    }

    private static void campaign(KillCampaign.Plan plan, Mosquitto.Options broker, Consumer<KillCampaign> all) {
        KillCampaign campaign = new KillCampaign(plan, broker);
        try (campaign) {
            all.accept(campaign);
            campaign.passed();
            System.out.printf("%s: %s%n", plan, campaign.ledger());
        } catch (Exception | AssertionError e) {
            fail(
                    "%s after %d kills: %s%nstores, notes and the broker's log: %s%nagain: mvn test -pl hawser-e2e -am -Dtest=KillCampaignTest -Dsurefire.failIfNoSpecifiedTests=false -D%s=%d -D%s=%d"
                            .formatted(
                                    plan,
                                    campaign.kills(),
                                    e,
                                    campaign.directory,
                                    SEED,
                                    plan.seed(),
                                    KILLS,
                                    Integer.getInteger(KILLS, DEFAULT_KILLS)),
                    e);
        }
    }

    @ParameterizedTest
    @CsvSource({"MQTT_5, 50", "MQTT_3_1_1, 30"})
    void whatWasConfirmedArrivesAndAtQos2Once(ProtocolVersion version, int percent) {
        KillCampaign.Plan plan = new KillCampaign.Plan(seed(), version, 100, 65_535, true, false);
        campaign(plan, Mosquitto.options().persistent(), campaign -> {
            while (campaign.kills() < kills(percent)) {
                campaign.round();
            }
            campaign.finish();
            campaign.ledger().assertNoTrouble();
            assertThat(campaign.ledger().missing()).as("confirmed and lost").isEmpty();
            campaign.ledger().assertDoubledOnlyByDeathInTheHandler();
            campaign.ledger().assertOutcomesHeard();
        });
    }

    @Test
    void orderIsKeptWithAWindowOfOne() {
        KillCampaign.Plan plan = new KillCampaign.Plan(seed(), ProtocolVersion.MQTT_5, 1, 1, true, false);
        campaign(plan, Mosquitto.options().persistent(), campaign -> {
            while (campaign.kills() < kills(20)) {
                campaign.round();
            }
            campaign.finish();
            campaign.ledger().assertNoTrouble();
            campaign.ledger().assertOrder();
            assertThat(campaign.ledger().missing()).as("confirmed and lost").isEmpty();
            campaign.ledger().assertDoubledOnlyByDeathInTheHandler();
        });
    }

    /** A Mosquitto that keeps nothing: when it is killed it forgets every session, and what it held. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aKilledBrokerLosesOnlyWhatItHadTakenAndDoublesOnlyWhatIsSaidToBeDoubtful(boolean republish) {
        KillCampaign.Plan plan = new KillCampaign.Plan(seed(), ProtocolVersion.MQTT_5, 100, 65_535, republish, true);
        campaign(plan, Mosquitto.options(), campaign -> {
            while (campaign.kills() < kills(15)) {
                campaign.roundAgainstTheBroker();
            }
            campaign.finish();
            campaign.ledger().assertNoTrouble();
            assertPolicyKept(campaign, republish ? KillPublisher.DOUBTFUL : "SESSION_LOST", republish);
        });
    }

    private static void assertPolicyKept(KillCampaign campaign, String doubtful, boolean republish) {
        KillLedger ledger = campaign.ledger();
        Map<Long, Set<String>> outcomes = ledger.outcomes();
        Set<Long> taken = KillLedger.takenBy(campaign.broker.log());
        assertThat(ledger.confirmed().stream().filter(number -> !outcomes.containsKey(number)))
                .as("confirmed, and of unknown outcome")
                .isEmpty();
        assertThat(outcomes.entrySet().stream()
                        .filter(outcome -> !outcome.getValue().equals(Set.of(KillPublisher.ACKNOWLEDGED))
                                && !outcome.getValue().equals(Set.of(doubtful))))
                .as("other outcomes")
                .isEmpty();
        assertThat(ledger.missing().stream()
                        .filter(number -> !taken.contains(number))
                        .filter(number -> republish || !outcomes.get(number).contains(doubtful)))
                .as("confirmed and lost, and not by the broker")
                .isEmpty();
        assertThat(ledger.doubled().stream()
                        .filter(number -> !republish || !outcomes.get(number).contains(doubtful)))
                .as("handled twice, which nobody has said could be")
                .isEmpty();
    }
}
