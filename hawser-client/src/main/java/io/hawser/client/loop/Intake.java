package io.hawser.client.loop;

import io.hawser.client.delivery.Dispatcher;
import io.hawser.session.PublishRequest;
import io.hawser.session.SubscriptionRequest;

/** The entrance of requests into the session, on the event loop. */
interface Intake {
    void publish(PublishRequest request);

    void request(SubscriptionRequest request);

    /** The dispatcher whose handlers may wait for requests; from any thread. */
    Dispatcher dispatcher();
}
