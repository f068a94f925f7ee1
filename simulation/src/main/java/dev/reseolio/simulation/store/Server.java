package dev.reseolio.simulation.store;

import dev.reseolio.simulation.database.Database;

/// The database as a server that can go down. Connections do not outlive it.
public final class Server {
  private final Database database;
  private boolean up = true;
  private int life;
  private int timeline = 1;

  public Server(Database database) {
    this.database = database;
  }

  public Database database() {
    return database;
  }

  boolean up() {
    return up;
  }

  int life() {
    return life;
  }

  /// Goes up with each failover.
  int timeline() {
    return timeline;
  }

  /// An older state becomes the database.
  public void failOver(Database.Standby standby) {
    goDown();
    timeline++;
    database.promote(standby);
  }

  public void goDown() {
    up = false;
    life++;
    database.endAll();
  }

  public void comeUp() {
    up = true;
  }
}
