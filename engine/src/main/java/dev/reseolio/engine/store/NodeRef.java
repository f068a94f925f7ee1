package dev.reseolio.engine.store;

import java.util.UUID;

/// One incarnation of a node. The number owns jobs; number and token together pass the fence.
public record NodeRef(int id, UUID token) {}
