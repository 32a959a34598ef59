package wherry.server.elasticache;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.services.elasticache.model.CacheParameterGroup;
import software.amazon.awssdk.services.elasticache.model.CreateCacheParameterGroupRequest;
import software.amazon.awssdk.services.elasticache.model.CreateCacheParameterGroupResponse;
import software.amazon.awssdk.services.elasticache.model.DeleteCacheParameterGroupRequest;
import software.amazon.awssdk.services.elasticache.model.DeleteCacheParameterGroupResponse;
import software.amazon.awssdk.services.elasticache.model.DescribeCacheParameterGroupsRequest;
import software.amazon.awssdk.services.elasticache.model.DescribeCacheParameterGroupsResponse;
import software.amazon.awssdk.services.elasticache.model.DescribeCacheParametersRequest;
import software.amazon.awssdk.services.elasticache.model.DescribeCacheParametersResponse;
import software.amazon.awssdk.services.elasticache.model.DescribeEngineDefaultParametersRequest;
import software.amazon.awssdk.services.elasticache.model.DescribeEngineDefaultParametersResponse;
import software.amazon.awssdk.services.elasticache.model.EngineDefaults;
import software.amazon.awssdk.services.elasticache.model.ModifyCacheParameterGroupRequest;
import software.amazon.awssdk.services.elasticache.model.ModifyCacheParameterGroupResponse;
import software.amazon.awssdk.services.elasticache.model.Parameter;
import software.amazon.awssdk.services.elasticache.model.ParameterNameValue;
import software.amazon.awssdk.services.elasticache.model.ResetCacheParameterGroupRequest;
import software.amazon.awssdk.services.elasticache.model.ResetCacheParameterGroupResponse;
import wherry.server.store.Store;
import wherry.server.wire.Caller;
import wherry.server.wire.Fault;

/** Parameter groups; a change reaches the running servers of all groups that use it. */
public final class CacheParameterOperations {
  private static final int MOST = 300;
  private static final int MOST_CHANGES = 20;

  private final Store store;
  private final Caches caches;
  private final ParameterGroups groups;

  CacheParameterOperations(Store store, Caches caches) {
    this.store = store;
    this.caches = caches;
    this.groups = caches.parameterGroups();
  }

  public CreateCacheParameterGroupResponse createCacheParameterGroup(
      CreateCacheParameterGroupRequest request, Caller caller) {
    String name = CacheNames.parameterGroup(request.cacheParameterGroupName());
    String family = requireFamily(request.cacheParameterGroupFamily());
    var tags = CacheTagRules.checked(request.tags());
    if (groups.shelf().list().size() >= MOST) {
      throw Fault.of(
          "CacheParameterGroupQuotaExceededFault",
          "There can be at most " + MOST + " cache parameter groups.");
    }
    var group = new ParameterGroups.Group(name, family, request.description(), Map.of());
    String arn = groups.shelf().arn(caller, name);
    if (groups.find(name).isPresent() || !groups.shelf().insert(arn, name, group)) {
      throw Fault.of(
          "CacheParameterGroupAlreadyExistsFault",
          "Cache parameter group " + name + " already exists.");
    }
    store.tags().put(arn, tags);
    return CreateCacheParameterGroupResponse.builder()
        .cacheParameterGroup(view(group, caller))
        .build();
  }

  public DescribeCacheParameterGroupsResponse describeCacheParameterGroups(
      DescribeCacheParameterGroupsRequest request, Caller caller) {
    List<ParameterGroups.Group> all =
        request.cacheParameterGroupName() == null
            ? Stream.concat(
                    ParameterGroups.defaults().stream(),
                    groups.shelf().list().stream().map(CacheShelf.Item::record))
                .toList()
            : List.of(groups.require(request.cacheParameterGroupName()));
    var page =
        CachePage.of(all, ParameterGroups.Group::name, request.maxRecords(), request.marker());
    return DescribeCacheParameterGroupsResponse.builder()
        .cacheParameterGroups(page.items().stream().map(group -> view(group, caller)).toList())
        .marker(page.marker())
        .build();
  }

  /** All values of the request are taken, or none is. */
  public ModifyCacheParameterGroupResponse modifyCacheParameterGroup(
      ModifyCacheParameterGroupRequest request) {
    ParameterGroups.Group group = requireOwn(request.cacheParameterGroupName());
    Map<String, String> values = new TreeMap<>(group.values());
    if (request.parameterNameValues().isEmpty()
        || request.parameterNameValues().size() > MOST_CHANGES) {
      throw CacheFaults.invalidValue("Give 1 to " + MOST_CHANGES + " parameters at a time.");
    }
    for (ParameterNameValue pair : request.parameterNameValues()) {
      CacheParameter parameter = parameter(group, pair.parameterName());
      values.put(
          parameter.name(),
          parameter.checked(Objects.requireNonNullElse(pair.parameterValue(), "")));
    }
    change(group, values);
    return ModifyCacheParameterGroupResponse.builder()
        .cacheParameterGroupName(group.name())
        .build();
  }

  public ResetCacheParameterGroupResponse resetCacheParameterGroup(
      ResetCacheParameterGroupRequest request) {
    ParameterGroups.Group group = requireOwn(request.cacheParameterGroupName());
    boolean all = Boolean.TRUE.equals(request.resetAllParameters());
    if (all != request.parameterNameValues().isEmpty()) {
      throw CacheFaults.invalidCombination(
          "Give either ResetAllParameters or ParameterNameValues.");
    }
    Map<String, String> values = all ? new TreeMap<>() : new TreeMap<>(group.values());
    request
        .parameterNameValues()
        .forEach(pair -> values.remove(parameter(group, pair.parameterName()).name()));
    change(group, values);
    return ResetCacheParameterGroupResponse.builder().cacheParameterGroupName(group.name()).build();
  }

  public DeleteCacheParameterGroupResponse deleteCacheParameterGroup(
      DeleteCacheParameterGroupRequest request) {
    ParameterGroups.Group group = requireOwn(request.cacheParameterGroupName());
    List<String> users = users(group).map(StoredGroup::id).toList();
    if (!users.isEmpty()) {
      throw invalidState(
          "Cache parameter group "
              + group.name()
              + " is used by replication group "
              + String.join(", ", users)
              + ".");
    }
    groups.shelf().delete(group.name());
    return DeleteCacheParameterGroupResponse.builder().build();
  }

  public DescribeCacheParametersResponse describeCacheParameters(
      DescribeCacheParametersRequest request) {
    ParameterGroups.Group group = groups.require(request.cacheParameterGroupName());
    String source = request.source();
    if (source != null && !List.of("user", "system", "engine-default").contains(source)) {
      throw CacheFaults.invalidValue("Source is user, system or engine-default.");
    }
    List<Parameter> all =
        CacheParameter.of(group.family()).stream()
            .map(parameter -> view(parameter, group.values().get(parameter.name())))
            .filter(parameter -> source == null || source.equals(parameter.source()))
            .toList();
    var page = CachePage.of(all, Parameter::parameterName, request.maxRecords(), request.marker());
    return DescribeCacheParametersResponse.builder()
        .parameters(page.items())
        .marker(page.marker())
        .build();
  }

  public DescribeEngineDefaultParametersResponse describeEngineDefaultParameters(
      DescribeEngineDefaultParametersRequest request) {
    String family = requireFamily(request.cacheParameterGroupFamily());
    List<Parameter> all =
        CacheParameter.of(family).stream().map(parameter -> view(parameter, null)).toList();
    var page = CachePage.of(all, Parameter::parameterName, request.maxRecords(), request.marker());
    return DescribeEngineDefaultParametersResponse.builder()
        .engineDefaults(
            EngineDefaults.builder()
                .cacheParameterGroupFamily(family)
                .parameters(page.items())
                .marker(page.marker())
                .build())
        .build();
  }

  private static String requireFamily(String family) {
    if (!ParameterGroups.FAMILIES.contains(family)) {
      throw CacheFaults.invalidValue(
          "CacheParameterGroupFamily "
              + family
              + " is not valid; it is one of "
              + String.join(", ", ParameterGroups.FAMILIES)
              + ".");
    }
    return family;
  }

  private ParameterGroups.Group requireOwn(String name) {
    ParameterGroups.Group group = groups.require(name.toLowerCase(Locale.ROOT));
    if (group.builtIn()) {
      throw invalidState("The default parameter group " + name + " cannot be changed or deleted.");
    }
    return group;
  }

  private static Fault invalidState(String message) {
    return Fault.of("InvalidCacheParameterGroupStateFault", message);
  }

  private static CacheParameter parameter(ParameterGroups.Group group, @Nullable String name) {
    return CacheParameter.of(group.family()).stream()
        .filter(parameter -> parameter.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            CacheFaults.invalidValue(
                "The parameter " + name + " is not one of family " + group.family() + "."));
  }

  private void change(ParameterGroups.Group group, Map<String, String> values) {
    ParameterGroups.Group changed = group.withValues(values);
    List<StoredGroup> users = users(group).toList();
    if (changed.clusterEnabled() != group.clusterEnabled() && !users.isEmpty()) {
      throw invalidState(
          "cluster-enabled of cache parameter group "
              + group.name()
              + " cannot be changed while replication group "
              + users.getFirst().id()
              + " uses it.");
    }
    for (StoredGroup user : users) {
      if (!user.status().equals(StoredGroup.AVAILABLE)) {
        throw invalidState(
            "Cache parameter group "
                + group.name()
                + " is used by replication group "
                + user.id()
                + ", which is "
                + user.status()
                + ". Try again when it is available.");
      }
    }
    groups.shelf().change(group.name(), any -> true, any -> changed);
    for (StoredGroup user : users) {
      caches.later(() -> caches.applyParameters(user.id()));
    }
  }

  private Stream<StoredGroup> users(ParameterGroups.Group group) {
    return caches.groups().list().stream()
        .map(CacheShelf.Item::record)
        .filter(user -> group.name().equals(user.parameterGroup()));
  }

  private CacheParameterGroup view(ParameterGroups.Group group, Caller caller) {
    return CacheParameterGroup.builder()
        .cacheParameterGroupName(group.name())
        .cacheParameterGroupFamily(group.family())
        .description(group.description())
        .isGlobal(false)
        .arn(groups.shelf().arn(caller, group.name()))
        .build();
  }

  private static Parameter view(CacheParameter parameter, @Nullable String given) {
    return Parameter.builder()
        .parameterName(parameter.name())
        .parameterValue(given == null ? parameter.initial() : given)
        .description("See " + parameter.name() + " in the documentation of the server.")
        .source(given == null ? "system" : "user")
        .dataType(parameter.type().name().toLowerCase(Locale.ROOT))
        .allowedValues(parameter.allowed())
        .isModifiable(true)
        .minimumEngineVersion(parameter.since() == 0 ? "5.0.6" : parameter.since() + ".0.0")
        .changeType(parameter.immediate() ? "immediate" : "requires-reboot")
        .build();
  }
}
