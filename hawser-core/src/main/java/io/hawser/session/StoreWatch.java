package io.hawser.session;

import io.hawser.mqtt.ConnectionEvent;
import io.hawser.mqtt.StoreException;
import io.hawser.store.SessionLog;
import org.jspecify.annotations.Nullable;

/** Tells the program of failure, recovery and damage of its session store, each once. */
final class StoreWatch {
    private final SessionLog log;
    private final Effects effects;
    private @Nullable StoreException toldFailure;
    private @Nullable StoreException toldDamage;

    StoreWatch(SessionLog log, Effects effects) {
        this.log = log;
        this.effects = effects;
    }

    /** Tells of failure and damage that are new. Returns the failure if it is new, or null. */
    @Nullable
    StoreException changed() {
        tellOfDamage();
        StoreException failure = log.failure();
        if (failure == toldFailure) {
            return null;
        }
        toldFailure = failure;
        effects.event(
                failure == null ? new ConnectionEvent.StoreRecovered() : new ConnectionEvent.StoreFailed(failure));
        return failure;
    }

    /** Tells of damage that is new. */
    void tellOfDamage() {
        StoreException damage = log.damage();
        if (damage != null && damage != toldDamage) {
            toldDamage = damage;
            effects.event(new ConnectionEvent.StoreDamaged(damage));
        }
    }
}
