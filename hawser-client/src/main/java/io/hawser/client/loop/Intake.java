package io.hawser.client.loop;

import io.hawser.client.delivery.Dispatcher;
import io.hawser.session.PublishRequest;
import io.hawser.session.SubscriptionRequest;

/** Where requests go in when their turn comes, on the event loop. */
interface Intake {
    void publish(PublishRequest request);

    void request(SubscriptionRequest request);

    /** Whose handlers may wait for requests; from any thread. */
    Dispatcher dispatcher();
}
