package io.hawser.client.loop;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class OutputBufferTest {
    private static final int PIECE = 64 * 1024;

    private final OutputBuffer buffer = new OutputBuffer();

    private void put(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        buffer.room(bytes.length).put(bytes);
    }

    private List<String> taken() {
        List<String> texts = new ArrayList<>();
        for (ByteBuffer piece : buffer.takePieces()) {
            texts.add(StandardCharsets.US_ASCII.decode(piece.duplicate()).toString());
            OutputBuffer.giveBack(piece);
        }
        return texts;
    }

    @Test
    void collectsSmallPacketsInOnePiece() {
        assertThat(buffer.isEmpty()).isTrue();
        put("abc");
        put("def");
        assertThat(buffer.size()).isEqualTo(6);
        assertThat(taken()).containsExactly("abcdef");
        assertThat(buffer.isEmpty()).isTrue();
        assertThat(taken()).isEmpty();
    }

    @Test
    void keepsTheOrderAroundWhatIsAppendedByReference() {
        put("header");
        buffer.append(ByteBuffer.wrap("payload".getBytes(StandardCharsets.US_ASCII)));
        put("next");
        assertThat(buffer.size()).isEqualTo(17);
        assertThat(taken()).containsExactly("header", "payload", "next");
    }

    @Test
    void beginsAnotherPieceWhenOneIsFull() {
        put("x".repeat(PIECE - 1));
        put("yy");
        assertThat(buffer.size()).isEqualTo(PIECE + 1);
        assertThat(taken()).hasSize(2).last().isEqualTo("yy");
    }

    @Test
    void makesRoomForOneLargerThanAPiece() {
        put("a");
        put("x".repeat(PIECE + 1));
        put("b");
        assertThat(taken()).extracting(String::length).containsExactly(1, PIECE + 1, 1);
    }

    @Test
    void givesEveryHolderABufferOfItsOwn() {
        Set<ByteBuffer> held = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 100; i++) {
                put("x");
                buffer.takePieces().forEach(piece -> assertThat(held.add(piece)).isTrue());
            }
            held.forEach(OutputBuffer::giveBack);
            held.clear();
        }
    }

    @Test
    void usesAgainWhatWasGivenBack() {
        Set<ByteBuffer> held = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < 1000; i++) {
            put("x");
            ArrayDeque<ByteBuffer> pieces = buffer.takePieces();
            held.addAll(pieces);
            pieces.forEach(OutputBuffer::giveBack);
        }
        assertThat(held).hasSizeLessThanOrEqualTo(64);
    }
}
