package io.hawser.testing.store;

import io.hawser.mqtt.Message;
import io.hawser.mqtt.MqttException;
import io.hawser.mqtt.PublishResult;
import io.hawser.mqtt.Qos;
import io.hawser.mqtt.StoreException;
import io.hawser.mqtt.Subscription;
import io.hawser.mqtt.Subscription.RetainHandling;
import io.hawser.mqtt.TopicFilter;
import io.hawser.store.SessionContents.StoredPublish;
import io.hawser.store.SessionLog;
import io.hawser.store.SessionStore;
import io.hawser.text.Utf8;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.UnaryOperator;

/**
 * A store in an SQL database, as a program would write one: the SPI is complete if this can be written, and small if this is
 * short. It makes entries safe on the spot, by a commit in {@link SessionLog#sync}.
 */
final class DatabaseStore implements SessionStore {
    private static final List<String> TABLES = List.of(
            "create table if not exists session (client varchar primary key, last_sequence bigint)",
            "create table if not exists publish (client varchar, sequence bigint, message varbinary(1000000), size int,"
                    + " name varchar, packet_id int, released boolean, doubted boolean, ends int,"
                    + " outcome varbinary(1000000), primary key (client, sequence))",
            "create table if not exists received (client varchar, packet_id int, primary key (client, packet_id))",
            "create table if not exists subscription (client varchar, filter varchar, qos int, no_local boolean,"
                    + " retain_as_published boolean, retain_handling int, identifier int, primary key (client, filter))");

    private static final String QUEUED = " from publish where client = ? and packet_id = 0 and outcome is null";

    private final String url;
    private final Set<String> open = ConcurrentHashMap.newKeySet();

    DatabaseStore(String url) {
        this.url = url;
    }

    @Override
    public SessionLog open(String clientId) {
        String client = key(clientId);
        if (!open.add(client)) {
            throw new StoreException("session '" + Utf8.printable(clientId) + "' is open in another client", null);
        }
        try {
            Connection connection = DriverManager.getConnection(url);
            connection.setAutoCommit(false);
            Log log = new Log(connection, client);
            TABLES.forEach(log::update);
            if (log.number("select count(*) from session where client = ?", client) == 0) {
                log.update("insert into session values (?, 0)", client);
            }
            return log;
        } catch (SQLException e) {
            open.remove(client);
            throw failed(e);
        }
    }

    /** A digest in place of the client identifier, which is too long for an index of some databases. */
    private static String key(String clientId) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(clientId.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    private static StoreException failed(SQLException cause) {
        return new StoreException("the database fails: " + cause.getMessage(), cause);
    }

    /** A message as its row has it. */
    private record Row(
            long sequence,
            Message message,
            String key,
            int packetId,
            boolean released,
            boolean possiblyDuplicated,
            int ends,
            PublishResult result,
            MqttException failure)
            implements StoredPublish {}

    /** Takes the rows of a result. */
    @FunctionalInterface
    private interface Rows {
        void take(ResultSet row) throws SQLException;
    }

    private final class Log implements SessionLog {
        private final Connection connection;
        private final String client;
        private boolean closed;

        Log(Connection connection, String client) {
            this.connection = connection;
            this.client = client;
        }

        private void update(String sql, Object... values) {
            try (PreparedStatement statement = prepared(sql, values)) {
                statement.executeUpdate();
            } catch (SQLException e) {
                throw failed(e);
            }
        }

        private void query(Rows rows, String sql, Object... values) {
            try (PreparedStatement statement = prepared(sql, values);
                    ResultSet result = statement.executeQuery()) {
                while (result.next()) {
                    rows.take(result);
                }
            } catch (SQLException e) {
                throw failed(e);
            }
        }

        private PreparedStatement prepared(String sql, Object... values) throws SQLException {
            PreparedStatement statement = connection.prepareStatement(sql);
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            return statement;
        }

        private long number(String sql, Object... values) {
            long[] number = {0};
            query(row -> number[0] = row.getLong(1), sql, values);
            return number[0];
        }

        private StoredPublish publish(ResultSet row) throws SQLException {
            byte[] outcome = row.getBytes("outcome");
            return new Row(
                    row.getLong("sequence"),
                    DatabaseCodec.message(row.getBytes("message")),
                    row.getString("name"),
                    row.getInt("packet_id"),
                    row.getBoolean("released"),
                    row.getBoolean("doubted"),
                    row.getInt("ends"),
                    outcome == null ? null : DatabaseCodec.result(outcome),
                    outcome == null ? null : DatabaseCodec.failure(outcome));
        }

        @Override
        public void replay(
                UnaryOperator<StoredPublish> publishes, IntConsumer received, Consumer<Subscription> subscriptions) {
            query(
                    row -> publishes.apply(publish(row)),
                    "select * from publish where client = ? and (packet_id > 0 or outcome is not null) order by"
                            + " sequence",
                    client);
            query(row -> received.accept(row.getInt(1)), "select packet_id from received where client = ?", client);
            query(
                    row -> subscriptions.accept(new Subscription(
                            TopicFilter.of(row.getString("filter")),
                            Qos.of(row.getInt("qos")),
                            row.getBoolean("no_local"),
                            row.getBoolean("retain_as_published"),
                            RetainHandling.values()[row.getInt("retain_handling")],
                            row.getInt("identifier"))),
                    "select * from subscription where client = ?",
                    client);
        }

        @Override
        public long lastSequence() {
            return number("select last_sequence from session where client = ?", client);
        }

        @Override
        public boolean readsBack() {
            return true;
        }

        @Override
        public int waiting() {
            return (int) number("select count(*)" + QUEUED, client);
        }

        @Override
        public long waitingBytes() {
            return number("select coalesce(sum(size), 0)" + QUEUED, client);
        }

        @Override
        public CompletableFuture<List<StoredPublish>> read(long after, int messages, long bytes) {
            List<StoredPublish> page = new ArrayList<>();
            long[] left = {bytes};
            query(
                    row -> {
                        left[0] -= row.getInt("size");
                        if (page.isEmpty() || left[0] >= 0) {
                            page.add(publish(row));
                        }
                    },
                    "select *" + QUEUED + " and sequence > ? order by sequence limit ?",
                    client,
                    after,
                    messages);
            return CompletableFuture.completedFuture(page);
        }

        @Override
        public void accepted(StoredPublish publish) {
            Message message = publish.message();
            update(
                    "insert into publish values (?, ?, ?, ?, ?, 0, false, false, 0, null)",
                    client,
                    publish.sequence(),
                    DatabaseCodec.encoded(message),
                    message.topicName().sizeInBytes() + message.payloadSize(),
                    publish.key());
            update("update session set last_sequence = ? where client = ?", publish.sequence(), client);
        }

        private void change(StoredPublish publish, String set, Object value) {
            update(
                    "update publish set " + set + " = ? where client = ? and sequence = ?",
                    value,
                    client,
                    publish.sequence());
        }

        @Override
        public void sent(StoredPublish publish) {
            change(publish, "packet_id", publish.packetId());
        }

        @Override
        public void unsent(StoredPublish publish) {
            change(publish, "released = false, packet_id = 0, doubted", publish.possiblyDuplicated());
        }

        @Override
        public void released(StoredPublish publish) {
            change(publish, "released", true);
        }

        @Override
        public void suspected(StoredPublish publish) {
            change(publish, "ends", publish.ends());
        }

        @Override
        public void concluded(StoredPublish publish) {
            change(publish, "packet_id = 0, released = false, outcome", DatabaseCodec.outcome(publish));
        }

        @Override
        public void settled(StoredPublish publish) {
            update("delete from publish where client = ? and sequence = ?", client, publish.sequence());
        }

        @Override
        public void received(int packetId) {
            update("merge into received values (?, ?)", client, packetId);
        }

        @Override
        public void forgotten(int packetId) {
            update("delete from received where client = ? and packet_id = ?", client, packetId);
        }

        @Override
        public void subscribed(Subscription subscription) {
            update(
                    "merge into subscription values (?, ?, ?, ?, ?, ?, ?)",
                    client,
                    subscription.filter().toString(),
                    subscription.qos().level(),
                    subscription.noLocal(),
                    subscription.retainAsPublished(),
                    subscription.retainHandling().ordinal(),
                    subscription.identifier());
        }

        @Override
        public void unsubscribed(TopicFilter filter) {
            update("delete from subscription where client = ? and filter = ?", client, filter.toString());
        }

        @Override
        public long sync() {
            try {
                connection.commit();
                return 0;
            } catch (SQLException e) {
                throw failed(e);
            }
        }

        @Override
        public void close() {
            if (closed) {
                return;
            }
            closed = true;
            try {
                connection.commit();
                connection.close();
            } catch (SQLException e) {
                throw failed(e);
            } finally {
                open.remove(client);
            }
        }
    }
}
