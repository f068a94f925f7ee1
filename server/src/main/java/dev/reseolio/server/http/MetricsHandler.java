package dev.reseolio.server.http;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// `/metrics` in Prometheus' text format. Its classes load with the first scrape.
record MetricsHandler(MetricsSource source) implements HttpHandler {
  @Override
  public void handle(HttpExchange exchange) throws IOException {
    var writer = PrometheusTextFormatWriter.builder().build();
    var text = new ByteArrayOutputStream();
    writer.write(text, Snapshots.of(source.metrics()));
    Replies.send(exchange, 200, writer.getContentType(), text.toString(StandardCharsets.UTF_8));
  }
}
