package dev.reseolio.simulation.store;

import dev.reseolio.simulation.database.Database;

/// The database as a server that can go down. Connections do not outlive it.
public final class Server {
  private final Database database;
  private boolean up = true;
  private int life;

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

  public void goDown() {
    up = false;
    life++;
    database.endAll();
  }

  public void comeUp() {
    up = true;
  }
}
