package io.hawser.testing.simulation;

import io.hawser.wire.PacketSink;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;

/** What is between a client with a {@linkplain Plant planted fault} and its connection: loses packets, or swaps them. */
final class FaultySink implements InvocationHandler {
    private final Plant plant;
    private final PacketSink next;
    private Method heldBack;
    private Object[] heldArguments;

    private FaultySink(Plant plant, PacketSink next) {
        this.plant = plant;
        this.next = next;
    }

    static PacketSink before(PacketSink next, Plant plant) {
        return (PacketSink) Proxy.newProxyInstance(
                PacketSink.class.getClassLoader(), new Class<?>[] {PacketSink.class}, new FaultySink(plant, next));
    }

    @Override
    public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
        if (plant.loses(method.getName(), arguments)) {
            return null;
        }
        if (plant.delays(method.getName())) {
            if (heldBack == null) {
                heldBack = method;
                heldArguments = arguments;
                return null;
            }
            send(method, arguments);
            Method held = heldBack;
            heldBack = null;
            return send(held, heldArguments);
        }
        return send(method, arguments);
    }

    private Object send(Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(next, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }
}
