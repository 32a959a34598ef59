package wherry.server.api;

import java.util.List;
import java.util.stream.Stream;
import software.amazon.awssdk.services.databasemigration.model.DescribeEndpointSettingsRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeEndpointSettingsResponse;
import software.amazon.awssdk.services.databasemigration.model.DescribeEndpointTypesRequest;
import software.amazon.awssdk.services.databasemigration.model.DescribeEndpointTypesResponse;
import software.amazon.awssdk.services.databasemigration.model.EndpointSetting;
import software.amazon.awssdk.services.databasemigration.model.SupportedEndpointType;
import wherry.connector.Connector;
import wherry.server.run.Engines;

/**
 * Which endpoints and settings this build supports, as its connectors declare them. Safe for all
 * threads.
 */
public final class EndpointCatalogOperations {
  private static final Filters<SupportedEndpointType> FILTERS =
      Filters.<SupportedEndpointType>on("Endpoint Types")
          .by("engine-name", SupportedEndpointType::engineName)
          .by("endpoint-type", SupportedEndpointType::endpointTypeAsString);

  private final Engines engines;

  EndpointCatalogOperations(Engines engines) {
    this.engines = engines;
  }

  /** The model knows no fault: nothing found is an empty list. */
  public DescribeEndpointTypesResponse describeEndpointTypes(DescribeEndpointTypesRequest request) {
    List<SupportedEndpointType> all =
        engines.names().stream()
            .flatMap(engine -> Stream.of(type(engine, "source"), type(engine, "target")))
            .toList();
    var page =
        Page.of(
            FILTERS.select(request.filters(), all),
            type -> type.engineName() + "|" + type.endpointTypeAsString(),
            request.maxRecords(),
            request.marker());
    return DescribeEndpointTypesResponse.builder()
        .supportedEndpointTypes(page.items())
        .marker(page.marker())
        .build();
  }

  private static SupportedEndpointType type(String engine, String side) {
    return SupportedEndpointType.builder()
        .engineName(engine)
        .engineDisplayName(EngineCatalog.displayName(engine))
        .endpointType(side)
        // Full load only, so far.
        .supportsCDC(false)
        .build();
  }

  /** Of an engine that the API knows and this build does not serve: none. */
  public DescribeEndpointSettingsResponse describeEndpointSettings(
      DescribeEndpointSettingsRequest request) {
    EngineCatalog.requireKnown(request.engineName());
    List<EndpointSetting> all =
        engines.find(request.engineName()).map(Connector::settings).orElse(List.of()).stream()
            .map(EndpointCatalogOperations::shape)
            .toList();
    var page = Page.of(all, EndpointSetting::name, request.maxRecords(), request.marker());
    return DescribeEndpointSettingsResponse.builder()
        .endpointSettings(page.items())
        .marker(page.marker())
        .build();
  }

  private static EndpointSetting shape(wherry.connector.EndpointSetting setting) {
    EndpointSetting.Builder shape =
        EndpointSetting.builder()
            .name(setting.name())
            .type(setting.type())
            .sensitive(setting.sensitive())
            .applicability(setting.applicability());
    if (setting.type().equals("integer")) {
      shape.intValueMin(setting.intValueMin()).intValueMax(setting.intValueMax());
    }
    if (!setting.enumValues().isEmpty()) {
      shape.enumValues(setting.enumValues());
    }
    if (!setting.units().isEmpty()) {
      shape.units(setting.units());
    }
    if (!setting.defaultValue().isEmpty()) {
      shape.defaultValue(setting.defaultValue());
    }
    return shape.build();
  }
}
