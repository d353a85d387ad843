/** Every directive that Redis 7.0 tells in `CONFIG GET *`, aliases included. Source: config.c */
export const redisDirectives: readonly string[] = `
acl-pubsub-default aclfile acllog-max-len active-defrag-cycle-max active-defrag-cycle-min
active-defrag-ignore-bytes active-defrag-max-scan-fields active-defrag-threshold-lower
active-defrag-threshold-upper active-expire-effort activedefrag activerehashing
always-show-logo aof-disable-auto-gc aof-load-truncated aof-rewrite-incremental-fsync
aof-timestamp-enabled aof-use-rdb-preamble aof_rewrite_cpulist appenddirname appendfilename
appendfsync appendonly auto-aof-rewrite-min-size auto-aof-rewrite-percentage bgsave_cpulist
bind bind-source-addr bio_cpulist busy-reply-threshold client-output-buffer-limit
client-query-buffer-limit cluster-allow-pubsubshard-when-down cluster-allow-reads-when-down
cluster-allow-replica-migration cluster-announce-bus-port cluster-announce-hostname
cluster-announce-ip cluster-announce-port cluster-announce-tls-port cluster-config-file
cluster-enabled cluster-link-sendbuf-limit cluster-migration-barrier cluster-node-timeout
cluster-port cluster-preferred-endpoint-type cluster-replica-no-failover
cluster-replica-validity-factor cluster-require-full-coverage cluster-slave-no-failover
cluster-slave-validity-factor crash-log-enabled crash-memcheck-enabled daemonize databases
dbfilename dir disable-thp dynamic-hz enable-debug-command enable-module-command
enable-protected-configs hash-max-listpack-entries hash-max-listpack-value
hash-max-ziplist-entries hash-max-ziplist-value hll-sparse-max-bytes hz ignore-warnings
io-threads io-threads-do-reads jemalloc-bg-thread latency-monitor-threshold latency-tracking
latency-tracking-info-percentiles lazyfree-lazy-eviction lazyfree-lazy-expire
lazyfree-lazy-server-del lazyfree-lazy-user-del lazyfree-lazy-user-flush lfu-decay-time
lfu-log-factor list-compress-depth list-max-listpack-size list-max-ziplist-size logfile
loglevel lua-time-limit masterauth masteruser maxclients maxmemory maxmemory-clients
maxmemory-eviction-tenacity maxmemory-policy maxmemory-samples min-replicas-max-lag
min-replicas-to-write min-slaves-max-lag min-slaves-to-write no-appendfsync-on-rewrite
notify-keyspace-events oom-score-adj oom-score-adj-values pidfile port proc-title-template
propagation-error-behavior protected-mode proto-max-bulk-len rdb-del-sync-files
rdb-save-incremental-fsync rdbchecksum rdbcompression repl-backlog-size repl-backlog-ttl
repl-disable-tcp-nodelay repl-diskless-load repl-diskless-sync repl-diskless-sync-delay
repl-diskless-sync-max-replicas repl-ping-replica-period repl-ping-slave-period repl-timeout
replica-announce-ip replica-announce-port replica-announced replica-ignore-disk-write-errors
replica-ignore-maxmemory replica-lazy-flush replica-priority replica-read-only
replica-serve-stale-data replicaof requirepass sanitize-dump-payload save server_cpulist
set-max-intset-entries set-proc-title shutdown-on-sigint shutdown-on-sigterm shutdown-timeout
slave-announce-ip slave-announce-port slave-ignore-maxmemory slave-lazy-flush slave-priority
slave-read-only slave-serve-stale-data slaveof slowlog-log-slower-than slowlog-max-len
socket-mark-id stop-writes-on-bgsave-error stream-node-max-bytes stream-node-max-entries
supervised syslog-enabled syslog-facility syslog-ident tcp-backlog tcp-keepalive timeout
tls-auth-clients tls-ca-cert-dir tls-ca-cert-file tls-cert-file tls-ciphers tls-ciphersuites
tls-client-cert-file tls-client-key-file tls-client-key-file-pass tls-cluster
tls-dh-params-file tls-key-file tls-key-file-pass tls-port tls-prefer-server-ciphers
tls-protocols tls-replication tls-session-cache-size tls-session-cache-timeout
tls-session-caching tracking-table-max-keys unixsocket unixsocketperm zset-max-listpack-entries
zset-max-listpack-value zset-max-ziplist-entries zset-max-ziplist-value
`
  .trim()
  .split(/\s+/);

/** What Debian 12's redis.conf sets. */
export const debianDirectives: readonly string[] = [
  'bind 127.0.0.1 -::1',
  'protected-mode yes',
  'port 6379',
  'tcp-backlog 511',
  'timeout 0',
  'tcp-keepalive 300',
  'daemonize yes',
  'pidfile /run/redis/redis-server.pid',
  'loglevel notice',
  'logfile /var/log/redis/redis-server.log',
  'databases 16',
  'always-show-logo no',
  'set-proc-title yes',
  'proc-title-template "{title} {listen-addr} {server-mode}"',
  'stop-writes-on-bgsave-error yes',
  'rdbcompression yes',
  'rdbchecksum yes',
  'dbfilename dump.rdb',
  'rdb-del-sync-files no',
  'dir /var/lib/redis',
  'replica-serve-stale-data yes',
  'replica-read-only yes',
  'repl-diskless-sync yes',
  'repl-diskless-sync-delay 5',
  'repl-diskless-sync-max-replicas 0',
  'repl-diskless-load disabled',
  'repl-disable-tcp-nodelay no',
  'replica-priority 100',
  'acllog-max-len 128',
  'lazyfree-lazy-eviction no',
  'lazyfree-lazy-expire no',
  'lazyfree-lazy-server-del no',
  'replica-lazy-flush no',
  'lazyfree-lazy-user-del no',
  'lazyfree-lazy-user-flush no',
  'oom-score-adj no',
  'oom-score-adj-values 0 200 800',
  'disable-thp yes',
  'appendonly no',
  'appendfilename "appendonly.aof"',
  'appenddirname "appendonlydir"',
  'appendfsync everysec',
  'no-appendfsync-on-rewrite no',
  'auto-aof-rewrite-percentage 100',
  'auto-aof-rewrite-min-size 64mb',
  'aof-load-truncated yes',
  'aof-use-rdb-preamble yes',
  'aof-timestamp-enabled no',
  'slowlog-log-slower-than 10000',
  'slowlog-max-len 128',
  'latency-monitor-threshold 0',
  'notify-keyspace-events ""',
  'hash-max-listpack-entries 512',
  'hash-max-listpack-value 64',
  'list-max-listpack-size -2',
  'list-compress-depth 0',
  'set-max-intset-entries 512',
  'zset-max-listpack-entries 128',
  'zset-max-listpack-value 64',
  'hll-sparse-max-bytes 3000',
  'stream-node-max-bytes 4096',
  'stream-node-max-entries 100',
  'activerehashing yes',
  'client-output-buffer-limit normal 0 0 0',
  'client-output-buffer-limit replica 256mb 64mb 60',
  'client-output-buffer-limit pubsub 32mb 8mb 60',
  'hz 10',
  'dynamic-hz yes',
  'aof-rewrite-incremental-fsync yes',
  'rdb-save-incremental-fsync yes',
  'jemalloc-bg-thread yes',
];
