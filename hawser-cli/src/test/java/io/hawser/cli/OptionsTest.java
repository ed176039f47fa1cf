package io.hawser.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.ProtocolVersion;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.TopicFilter;
import io.hawser.mqtt.UserProperty;
import io.hawser.mqtt.Will;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;

class OptionsTest {
    @ParameterizedTest
    @CsvSource({
        "mqtts://h:1/a/b, mqtts://h:1, a/b",
        "mqtt://u:p@h, mqtt://h:1883, ",
        "WSS://h/x, wss://h:443/x, ",
        "unix:/run/a, unix:/run/a, ",
        "broker, mqtt://broker:1883, ",
        "::1, mqtt://[::1]:1883, "
    })
    void aHostMayBeAUrl(String host, String server, String topic) {
        ServerOptions options = new ServerOptions();
        options.host = host;
        options.check();

        assertThat(options.server()).isEqualTo(server);
        assertThat(options.url == null ? null : options.url.topic()).isEqualTo(topic);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "pub -t x                                | Both topic and message must be supplied.",
                "pub -m x                                | Both topic and message must be supplied.",
                "pub -t x -m a -n                        | Only one type of message can be sent at once.",
                "pub -t x -l -s                          | Only one type of message can be sent at once.",
                "pub -t x -m a -q 3                      | Invalid QoS given: 3",
                "pub -t x/# -m a                         | wildcard",
                "pub -t x -m a -V mqttv7                 | Invalid protocol version 'mqttv7'",
                "pub -t x -m a -P secret                 | A password needs a user name",
                "pub -t x -m a -p 0                      | Invalid port given: 0",
                "pub -t x -m a -p 65536                  | Invalid port given: 65536",
                "pub -t x -m a -k -1                     | keepAlive",
                "pub -t x -m a -k 70000                  | keepAlive (-k) is 70000, must be 0 to 65535 seconds.",
                "pub -t x -m a -i '' -c                  | clientId is empty",
                "pub -t x -m a -c                        | You must provide a client id if you are using the -c option.",
                "pub -t x -m a -i a -I b                 | -i and -I argument cannot be used together.",
                "pub -t x -m a --will-payload b          | no will topic given",
                "pub -t x -m a --repeat 0                | --repeat argument must be >0.",
                "pub -t x -l --repeat 2                  | --repeat cannot be used with -l.",
                "pub -t x -m a --repeat-delay -1         | --repeat-delay argument must be >=0.0.",
                "pub -t x -m a --cert c                  | Both --cert and --key",
                "pub -L mqtt://h -m a                    | Both topic and message must be supplied.",
                "pub -L mqtt://h/t -h h -m a             | -L names host and port already",
                "pub -t a -m a --unix /a -h h             | -h, -p and -L cannot be given beside it",
                "sub -t a --unix /a -A 127.0.0.1          | -A cannot be given",
                "sub -t a -A no/host                      | is no address of this machine",
                "sub -t a -h mqtt://h -p 1884             | -L names host and port already",
                "sub -t a -h http://h                     | unsupported URL scheme",
                "sub -t a -h unix:run/a                   | no absolute path",
                "sub -t a --pretty                        | --pretty needs --json",
                "sub -t a --watch -N                      | cannot be given",
                "sub -t a --encode rot13                  | must be hex or base64",
                "pub -t a --topic-lines                   | --topic-lines takes topics from its lines",
                "pub -L mqtt://h/t --topic-lines          | --topic-lines takes topics from its lines",
                "pub --topic-lines -l                     | Only one type of message can be sent at once.",
                "pub --topic-lines --repeat 2             | --repeat cannot be used with -l",
                "pub -t a -m f --decode hex               | The payload is not hex",
                "request -t a -m f --decode base64        | The payload is not base64",
                "sub -t a --unix /a --proxy http://p:1    | --proxy cannot be given",
                "sub -t a --ws-path /a --unix /b          | for WebSockets",
                "sub -t a -L mqtt://h --header a:b        | for WebSockets",
                "sub -t a -L ws://h --header ab           | a name, a colon and a value",
                "sub -t a -L ws://h --header Upgrade:b    | cannot be set",
                "sub -t a -L ws://h --ws-path b           | begin with /",
                "sub -t a --proxy ftp://p                 | must begin with http://",
                "sub -t a --proxy http://p                | no valid host and port",
                "sub -t a --retain-handling x             | must be always, new or never",
                "sub -t a --retain-handling new -V 311    | --retain-handling needs MQTT 5.0",
                "sub -t a --tls-version tlsv1.1           | must be tlsv1.2 or tlsv1.3",
                "sub -t a --keyform x                     | must be pem or pkcs12",
                "sub -t a --keyform pkcs12 --cert a       | the file has both",
                "sub -t a --cafile a --capath b           | Only one of --cafile and --capath",
                "pub -L http://h/t -m a                  | unsupported URL scheme",
                "pub -t x -m a --foo                     | Unknown option: '--foo'",
                "pub -t x -m a -D                        | not enough arguments",
                "pub -t x -m a -D publish                | not enough arguments",
                "pub -t x -m a -D publish user-property k | not enough arguments",
                "pub -t x -m a -D nope content-type c    | Invalid command 'nope'",
                "pub -t x -m a -D publish nope c         | Property 'nope' not allowed for publish",
                "pub -t x -m a -D publish will-delay-interval 1 | not allowed for publish",
                "pub -t x -m a -D publish topic-alias 1  | not supported: the client chooses topic aliases itself",
                "pub -t x -m a -D disconnect session-expiry-interval 1 | not supported: the session expiry is given with -x",
                "pub -t x -m a -D connect authentication-method m | enhanced authentication is not supported yet",
                "pub -t x -m a -D publish payload-format-indicator 2 | payload-format-indicator is '2', must be 0 to 1",
                "pub -t x -m a -D publish message-expiry-interval -1 | must be 0 to 4294967295",
                "pub -t x -m a -D publish response-topic a/# | wildcard",
                "pub -t x -m a -D connect receive-maximum 0 | must be 1 to 65535",
                "pub -t x -m a -D connect maximum-packet-size 127 | must be 128",
                "pub -t x -m a -D will content-type c    | no will topic given",
                "pub -t x -m a -D subscribe subscription-identifier 1 | nothing is subscribed",
                "pub -t x -m a -V 311 -D publish content-type c | -D and -x need MQTT 5.0, and -V asks for 3.1.1.",
                "pub -t x -m a -x 5                      | A session expiry of 5 seconds needs -c",
                "pub -t x -m a -i i -c -x 0              | A session expiry of 0 seconds cannot be used with -c",
                "pub -t x -m a -i i -c -x -2             | Invalid session-expiry-interval '-2'",
                "pub -t x -m a -i i -c -x 5 -V 31        | need MQTT 5.0",
                "pub -t x -l --store d                   | --store needs -i, a client id that is the same every time.",
                "pub -t x -l --store d -I a              | --store needs -i, a client id that is the same every time.",
                "pub -t x -l --enqueue-only              | --enqueue-only needs --store.",
                "pub -t x -l --durability power          | --durability needs --store.",
                "pub -t x -l --store d -i a --durability full | Invalid durability 'full', must be process, power or lazy.",
                "pub -m a --store d -i a                 | Both topic and message must be supplied.",
                "pub -t x -l --store d -i a -x 0         | A session expiry of 0 seconds cannot be used with -c",
                "sub -t x --store d                      | --store needs -i",
                "sub -t x -D publish content-type c      | nothing is published",
                "sub -t x -D subscribe subscription-identifier 0 | must be 1 to 268435455",
                "sub -t x -D subscribe user-property k v | not supported",
                "sub -t x --retain-as-published -V 31    | --retain-as-published needs MQTT 5.0",
                "sub                                     | You must specify a topic to subscribe to.",
                "sub -t x/#/y                            | it must be the whole last level",
                "sub -t x -q 3                           | Invalid QoS given: 3",
                "sub -t x -C 0                           | Invalid message count",
                "sub -t x -W 0                           | Invalid timeout",
                "sub -t x -R --retained-only             | makes no sense",
                "sub -t x -F %k                          | Invalid format specifier 'k'.",
                "sub -t x -F %t --json                   | Only one of -F and --json",
                "sub -t x --random-filter 101            | --random-filter must be between",
                "request -t x                            | Both topic and message must be supplied.",
                "request -t x -m a -n                    | Only one type of message can be sent at once.",
                "request -t x/# -m a                     | wildcard",
                "request -t x -m a -e y/+                | wildcard",
                "request -t x -m a -V 311                | -e is needed with MQTT 3.1.1.",
                "request -t x -m a -W 0                  | Invalid timeout",
                "request -t x -m a -F %t --json          | Only one of -F and --json",
                "request -t x -m a -e y -D publish response-topic z | cannot be used together",
                "request -t x -m a -D subscribe subscription-identifier 1 | subscribes by itself",
                "respond -m a                            | You must specify a topic to subscribe to.",
                "respond -t x                            | Say how to answer",
                "respond -t x -m a --echo                | Say how to answer",
                "respond -t x -m a -e %t/#               | wildcard",
                "respond -t x -m a -C 0                  | Invalid message count",
                "respond -t x -m a -W 0                  | Invalid timeout",
                "respond -t x -m a -v --json             | Only one of -v and --json",
                "respond -t x -m a -D publish correlation-data z | has the correlation data of its request",
                "bench                                   | Say what to measure",
                "bench pub --count 0                     | --count is 0, must be 1",
                "bench pub --inflight 65536              | --inflight is 65536, must be 1 to 65535",
                "bench roundtrip --size 7                | must be at least 8",
                "demo --url host                         | unsupported URL scheme",
                "nothing                                 | Unmatched argument",
                "nothing                                 | Commands: pub, sub, request, respond,",
                "-P hunter2 pub                          | Unknown option: '-P'",
                "sub -t x --pw=hunter2 --pass=hunter2    | Unknown option: '--pass'",
                "sub -t x -Xhunter2                      | Unknown option: '-X'",
                "sub -t x mqtt://u:hunter2@h             | Unmatched argument: 'mqtt://…@h'",
                "sub -L mqtt://u:hunter2/x@h             | no valid port",
                "pub -t x -m a -P a --ask-password       | Only one of -P, --password-file and --ask-password",
            })
    void saysWhatIsWrongAndExitsWith1(String commandLine, String text) {
        StringWriter err = new StringWriter();
        CommandLine command = Main.commandLine().setErr(new PrintWriter(err));

        int code = command.execute(words(commandLine));

        assertThat(err.toString()).startsWith("Error: ").contains(text).contains("--help' to see usage.");
        assertThat(err.toString()).doesNotContain("hunter2");
        assertThat(code).isEqualTo(1);
    }

    @Test
    void helpIsACommandToo() {
        StringWriter out = new StringWriter();

        assertThat(Main.commandLine().setOut(new PrintWriter(out)).execute("help"))
                .isZero();
        assertThat(Main.commandLine().setOut(new PrintWriter(out)).execute("help", "sub"))
                .isZero();

        assertThat(out.toString()).contains("respond", "doctor").contains("hawser sub -L URL");
    }

    @Test
    void versionTellsTheJdk() {
        StringWriter out = new StringWriter();

        assertThat(Main.commandLine().setOut(new PrintWriter(out)).execute("--version"))
                .isZero();

        assertThat(out.toString()).startsWith("hawser ").contains("Java " + System.getProperty("java.version"));
    }

    private static String[] words(String commandLine) {
        String[] words = commandLine.split(" +", -1);
        for (int i = 0; i < words.length; i++) {
            words[i] = words[i].equals("''") ? "" : words[i];
        }
        return words;
    }

    @Test
    void aSubscriptionTakesEveryOptionOfTheDialect() {
        SubCommand sub = CommandLine.populateCommand(
                new SubCommand(),
                words(
                        "-h host -p 1234 -t a/# --topic b -q 2 -u me -P secret -V mqttv31 -i id -c -k 7 -M 5 -C 3 -W 9 -E"
                                + " -v -N -R -T a/b -U c -d --quiet --will-topic w --will-payload gone --will-qos 1 --will-retain"));

        assertThat(sub.server.server()).isEqualTo("mqtt://host:1234");
        assertThat(sub.filters).containsExactly(TopicFilter.of("a/#"), TopicFilter.of("b"));
        assertThat(sub.qos).isEqualTo(Qos.EXACTLY_ONCE);
        assertThat(sub.server.version).isEqualTo(ProtocolVersion.MQTT_3_1);
        assertThat(sub.session.keepSession).isTrue();
        assertThat(sub.session.keepAlive).isEqualTo(7);
        assertThat(sub.session.inflight).isEqualTo(5);
        assertThat(sub.session.willQos).isEqualTo(Qos.AT_LEAST_ONCE);
        assertThat(sub.count).isEqualTo(3);
        assertThat(sub.timeout).isEqualTo(9);
        assertThat(sub.filteredOut).containsExactly(TopicFilter.of("a/b"));
        assertThat(sub.unsubscribed).containsExactly(TopicFilter.of("c"));
    }

    @Test
    void propertiesTakeThreeWordsOrFourAndAskForMqtt5() {
        PubCommand pub = CommandLine.populateCommand(
                new PubCommand(),
                words("-t x -D publish user-property k v -D PUBLISH content-type -D -m a -D will will-delay-interval 3"
                        + " -D connect session-expiry-interval 9 -i id -c --will-topic w"));
        pub.session.check(pub.server);
        PropertyOptions properties = pub.session.properties;
        Message message = properties.on("publish", Message.of("x", "a"));

        assertThat(message.userProperties()).containsExactly(new UserProperty("k", "v"));
        assertThat(message.contentType()).isEqualTo("-D");
        assertThat(pub.message).isEqualTo("a");
        assertThat(properties.on(Will.of(Message.of("w", ""))).delay()).isEqualTo(Duration.ofSeconds(3));
        assertThat(properties.sessionExpiry()).isEqualTo(9);
        assertThat(pub.server.version).isEqualTo(ProtocolVersion.MQTT_5);
    }

    @ParameterizedTest
    @CsvSource({"mqttv5, 5.0", "5, 5.0", "mqttv311, 3.1.1", "311, 3.1.1", "mqttv31, 3.1", "31, 3.1"})
    void everyVersionHasTwoNames(String name, String version) {
        PubCommand pub = CommandLine.populateCommand(new PubCommand(), "-t", "x", "-n", "-V", name);

        assertThat(pub.server.version).hasToString(version);
    }

    @ParameterizedTest
    @CsvSource({"-1, 4294967295", "\u221e, 4294967295", "4294967295, 4294967295", "7, 7"})
    void sessionExpiryIsInSecondsOrForEver(String text, long seconds) {
        assertThat(new SessionOptions.Expiry().convert(text)).isEqualTo(seconds);
    }

    @ParameterizedTest
    @CsvSource({
        "'-t x', mqtt://localhost:1883",
        "'-t x -p 1999', mqtt://localhost:1999",
        "'-t x -p 8883', mqtts://localhost:8883",
        "'-t x --cafile ca.pem', mqtts://localhost:8883",
        "'-t x --cafile ca.pem -p 1999 -h h', mqtts://h:1999",
        "'-t x -h ::1', mqtt://[::1]:1883",
        "'-L mqtts://h/t', mqtts://h:8883",
        "'-t x -L ws://h', ws://h:80",
        "'-t x -L wss://h:1/a?b', wss://h:1/a?b",
        "'-t x -L ws://h:1/a --cafile ca.pem', wss://h:1/a",
        "'-t x -L ws://h/a --ws-path /b', ws://h:80/a",
        "'-t x -h h --ws-path /b', ws://h:80",
        "'-t x -h h -p 443 --ws-path /b --header A:b', wss://h:443",
        "'-t x -h h -p 8883 --ws-path /b', ws://h:8883",
        "'-t x --unix /run/b.sock', unix:/run/b.sock",
        "'-t x --tls-version tlsv1.3', mqtts://localhost:8883",
        "'-t x --tls-alpn mqtt -p 443', mqtts://localhost:443",
        "'-t x -L unix:/run/b.sock', unix:/run/b.sock",
        "'-t x -h h --proxy socks5://me:x@p', mqtt://h:1883",
        "'-L mqtt://u:p@h:7/t', mqtt://h:7",
    })
    void knowsWhichServerIsMeant(String options, String server) {
        SubCommand sub = CommandLine.populateCommand(new SubCommand(), words(options));

        assertThat(sub.server.server()).isEqualTo(server);
    }

    @Test
    void takesAnyTextAsAMessage() {
        for (String text : new String[] {"", "-n", "--help", "@home", "-5", "\"quoted\"", "${x}", "é"}) {
            CommandLine commandLine = Main.commandLine();
            commandLine.parseArgs("pub", "-t", "x", "-m", text);
            PubCommand pub = commandLine.getSubcommands().get("pub").getCommand();

            assertThat(pub.message).isEqualTo(text);
            assertThat(pub.empty).isFalse();
        }
    }

    @Test
    void fileIsAPath() {
        PubCommand pub = CommandLine.populateCommand(new PubCommand(), "-t", "x", "-f", "a b.bin", "-r", "-q", "1");

        assertThat(pub.file).isEqualTo(Path.of("a b.bin"));
        assertThat(pub.retain).isTrue();
        assertThat(pub.qos).isEqualTo(Qos.AT_LEAST_ONCE);
    }
}
