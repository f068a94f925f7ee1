package dev.reseolio.server.net;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameInputTest {
  private static final int DATA = 0;
  private static final int HEADERS = 1;
  private static final int PADDED = 8;

  private final List<String> told = new ArrayList<>();

  private FrameInput input(byte[] all) {
    return new FrameInput(
        new ByteArrayInputStream(all),
        (type, stream, data) -> told.add(type + "/" + stream + ":" + data));
  }

  /// The sizes of what comes with one read each.
  private static List<Integer> portions(FrameInput in, ByteArrayOutputStream to)
      throws IOException {
    List<Integer> portions = new ArrayList<>();
    byte[] bytes = new byte[100_000];
    int count;
    while ((count = in.read(bytes)) >= 0) {
      portions.add(count);
      to.write(bytes, 0, count);
    }
    return portions;
  }

  @Test
  void headsAndPayloadsComeOneByOneAndWhole() throws IOException {
    byte[] all =
        Frames.of(
            Frames.frame(4, 0, 0, new byte[0]),
            Frames.frame(HEADERS, 4, 1, new byte[60]),
            Frames.frame(DATA, 0, 1, new byte[700]),
            Frames.frame(DATA, 1, 1, new byte[1]));
    var read = new ByteArrayOutputStream();
    assertEquals(List.of(24, 9, 9, 60, 9, 700, 9, 1), portions(input(all), read));
    assertArrayEquals(all, read.toByteArray());
    assertEquals(List.of("4/0:0", "1/1:60", "0/1:700", "0/1:1"), told);
  }

  @Test
  void paddingIsNoData() throws IOException {
    byte[] padded = new byte[1 + 10 + 200];
    padded[0] = (byte) 200;
    byte[] spoiled = {5, 1};
    byte[] all =
        Frames.of(
            Frames.frame(DATA, PADDED, 7, padded),
            Frames.frame(DATA, PADDED, 7, spoiled),
            Frames.frame(DATA, PADDED, 7, new byte[0]));
    var read = new ByteArrayOutputStream();
    portions(input(all), read);
    assertArrayEquals(all, read.toByteArray());
    assertEquals(List.of("0/7:10", "0/7:0", "0/7:0"), told);
  }

  @Test
  void aFrameIsToldBeforeItCanBeRead() throws IOException {
    var in = input(Frames.of(Frames.frame(DATA, 0, 1, new byte[3])));
    assertEquals(24, in.readNBytes(24).length);
    assertEquals(List.of(), told);
    assertEquals(0, in.read());
    assertEquals(List.of("0/1:3"), told);
  }

  @Test
  void aFrameHasBeenDealtWithWhenTheNextIsAskedFor() throws IOException {
    byte[] all = Frames.of(Frames.frame(DATA, 0, 1, new byte[3]), new byte[1]);
    var in =
        new FrameInput(
            new ByteArrayInputStream(all),
            new FrameInput.Listener() {
              @Override
              public void frame(int type, int stream, int data) {
                told.add("frame");
              }

              @Override
              public void dealt() {
                told.add("dealt");
              }
            });
    in.skipNBytes(all.length - 1);
    assertEquals(List.of("dealt", "frame"), told);
    assertEquals(-1, in.read());
    assertEquals(List.of("dealt", "frame", "dealt"), told);
  }

  @Test
  void whatIsNotAllowedIsNotRead() throws IOException {
    var refused =
        new FrameInput(
            new ByteArrayInputStream(Frames.of(Frames.frame(DATA, 0, 1, new byte[3]))),
            (type, stream, data) -> {
              throw new IOException("not now");
            });
    refused.skipNBytes(Frames.PREFACE_BYTES);
    assertThrows(IOException.class, refused::read);
  }

  @Test
  void aHeadThatDoesNotComeWholeIsTheEnd() throws IOException {
    byte[] all = Frames.of(new byte[8]);
    var read = new ByteArrayOutputStream();
    assertEquals(List.of(24), portions(input(all), read));
    assertEquals(List.of(), told);
  }

  @Test
  void largePayloadsComeAsTheyAreThere() throws IOException {
    byte[] payload = new byte[50_000];
    var in = input(Frames.of(Frames.frame(DATA, 0, 1, payload)));
    in.skipNBytes(Frames.PREFACE_BYTES + 9);
    assertArrayEquals(payload, in.readNBytes(payload.length));
    assertEquals(-1, in.read());
    assertEquals(List.of("0/1:50000"), told);
  }
}
