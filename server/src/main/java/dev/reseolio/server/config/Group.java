package dev.reseolio.server.config;

/// Headings of the help text, in its order.
public enum Group {
  STORAGE_GROUP("Storage"),
  LISTENING("Listening"),
  SECURITY("Security"),
  WORK("Work"),
  LIFECYCLE("Lifecycle"),
  LOGGING("Logging");

  private final String title;

  Group(String title) {
    this.title = title;
  }

  public String title() {
    return title;
  }
}
