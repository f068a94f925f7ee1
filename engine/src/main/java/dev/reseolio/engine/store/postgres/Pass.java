package dev.reseolio.engine.store.postgres;

import dev.reseolio.engine.store.NodeRef;

/// What a flush shows at the fence.
///
/// @param writer number of the connection it is sent by, see [Succession]
/// @param timeline the one its node believes in; [Timeline#UNKNOWN] when no flush can meet another
record Pass(NodeRef node, int writer, int timeline) {}
