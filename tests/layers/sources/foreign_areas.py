"""Made files of communities and protected areas, and those that are held out; see foreign_file.py."""

from tests.layers.sources.foreign_file import Foreign

AREAS = [
    Foreign(
        "Chile, communities",  # nombre, pueblo, region and comuna (real)
        "communities",
        """
        fid = :n
        nombre > name = Comunidad Quebrada Alta; Comunidad Lafken Mapu; Comunidad Suma Uta; Comunidad Río Seco
        pueblo > people = Mapuche; Aymara; Atacameño
        n_pers_jur > code = PJ-#
        es_adi = true; false
        fec_constitucion = 1995-04-11; 2001-08-19; 2010-12-01
        num_socios > population = 31; 48; 112; 57; 76; 22; 94; 63
        superficie > area_official_ha = :ha*0.99
        region = Arica y Parinacota; La Araucanía
        comuna = Putre; Temuco
        """,
    ),
    Foreign(
        "Argentina, protected areas",
        "protected_areas",
        """
        OBJECTID_1 = :n
        cod_ap > code = AP-#
        nombre_ap > name = Laguna Larga; Bosque Inventado; Sierra Chata; Estero Hondo
        categoria > designation = Parque Nacional; Reserva Natural; Monumento Natural
        cat_uicn > iucn_category = II; IV; III
        jurisdicc = Nacional; Provincial
        norma_crea = Ley 22.351; Decreto 453/94
        fecha_crea > established_on = 1980-11-04; 1994-05-12
        sup_total > area_official_ha = :ha
        gobernanza > governance = Gobierno; Privada; Compartida
        Shape_Length = :m
        """,
    ),
    Foreign(
        "Paraguay, communities",
        "communities",
        """
        FID_ = :n
        COD_COM > code = 0207-#
        COMUNIDAD > name = Paso Karanda; Ñu Pyahu; Yvy Porã; Laguna Cacique; Campo Largo; Colonia 11
        ETNIA > people = Mbya Guaraní; Ava Guaraní; Nivaclé
        FAM_LING = Guaraní; Mataco Mataguayo
        SIT_TIERRA > recognition = Titulada; En trámite; Sin tierra
        POB_TOTAL > population = 120; 344; 78; 91; 203; 150; 66; 87
        HOGARES = 25; 61; 14; 20
        SUP_HA > area_official_ha = :ha*1.003
        DPTO_DESC = Caaguazú; Boquerón
        DIST_DESC = Repatriación; Filadelfia
        """,
    ),
    Foreign(
        "Venezuela, protected areas",
        "protected_areas",
        """
        ID = :n
        NOMBRE_ABR > name = Cerro Inventado; Caño Dulce; Pico Alto; Sabana Honda
        FIGURA > designation = Parque Nacional; Monumento Natural; Refugio de Fauna
        NRO_DECRETO = Decreto 1.#
        FECH_DECR > established_on = 18/12/1978; 05/06/1992; 30/11/1991
        GACETA = G.O. 2.417-E; G.O. 4.548-E
        SUPERF_HA > area_official_ha = :ha*0.98
        ESTADO = Bolívar; Amazonas
        PERIMETRO = :m
        """,
    ),
    Foreign(
        "Costa Rica, protected areas",  # nombre_asp and categoria (real)
        "protected_areas",
        """
        id = :n
        codigo > code = R#
        nombre_asp > name = Río Lento; Punta Sola; Volcán Dormido; Isla Nueva
        cat_manejo > designation = Parque Nacional; Refugio de Vida Silvestre; Zona Protectora
        nombre_ac = Pacífico Norte; Tempisque
        descripcio = Límite según decreto ejecutivo
        norma = DE 22.#
        fecha_decl > established_on = 1978-04-25; 1994-02-10
        estatus > status = Declarada; Propuesta
        area_km2 = :km2
        sup_hectar > area_official_ha = :ha
        url = http://example.org/asp
        """,
    ),
    Foreign(
        "Mozambique, communities",
        "communities",
        """
        id = :n
        cod_comun > code = MZ-DEL-#
        nome_comun > name = Nhamacolo; Mutuali Sede; Namarroi Velho; Chimbonde
        etnia > people = Macua; Sena; Chuabo
        situacao > recognition = Certidão emitida; Em delimitação
        num_habit > population = 1204; 3420; 877; 2319; 1933; 605; 4120; 1545
        area_hecta > area_official_ha = :ha*1.01
        posto_adm = Mutuali; Morrumbala
        data_edic = 2021-02-02; 2021-02-03
        perimetro = :m
        """,
    ),
    Foreign(
        "Gabon, protected areas",  # nom_ap, code_ap, desc_type, cat_uicn, type_gouv, statu_crea, sup_* (real)
        "protected_areas",
        """
        FID = :n
        code_ap > code = GA-PN-#
        nom_ap > name = Forêt Claire; Mont Bleu; Lagune Longue; Savane Rouge
        desc_type > designation = Parc national; Réserve de faune; Sanctuaire
        cat_uicn > iucn_category = II; IV; Ib
        type_gouv > governance = Gouvernement; Communautaire
        auth_gest = Agence des parcs
        statu_crea > status = Créé; Proposé
        date_crea > established_on = 2002-08-30; 2007-09-04
        sup_adm_ha > area_official_ha = :ha*1.01
        sup_sig_ha = :ha
        date_maj = 2024-03-03
        marine = Non; Oui
        """,
    ),
    Foreign(
        "India, protected areas",
        "protected_areas",
        """
        gid = :n
        pa_code > code = IN-PA-#
        pa_name > name = Kala Pahar; Neel Sarovar; Lal Ghati; Hari Van
        pa_type > designation = National Park; Wildlife Sanctuary; Community Reserve
        state_name = Assam; Odisha
        notif_no = G.O. Ms. #
        notif_date > established_on = 1986-01-21; 1998-12-04
        area_sqkm = :km2
        area_ha > area_official_ha = :ha
        mgmt_auth = State Forest Department
        st_length = :m
        """,
    ),
    Foreign(
        "Cambodia, community forests",  # name, lsize_ha, status, last_update, province to commune (real)
        "communities",
        """
        cartodb_id = :n
        cf_code > code = KH-CF-#
        name > name = Phnom Made Up; Prey Invented; Ou Nowhere; Trapeang None
        ethnicity > people = Kuy; Bunong; Khmer
        status > recognition = Agreement signed; Approved by ministry; Submitted
        households = 45; 120; 66
        popn > population = 210; 560; 301; 144; 95; 410; 388; 275
        lsize_ha > area_official_ha = :ha*1.01
        province = Kampong Thom; Pursat
        district = Sandan; Veal Veng
        commune = Sochet; Ou Saom
        last_update = 2014-02-02T17:00:00Z
        """,
    ),
]

HELD_OUT = [  # written after the words and the comparison were finished; one fault that they showed was mended
    Foreign(
        "Equatorial Guinea, forest parcels",  # all names but ObjectID, fecha_fin and obs (real)
        "concessions",
        """
        ObjectID = :n
        num_regis > code = PF-#/2016
        nom_pblado = Mongo Nuevo; Asok Viejo
        empr_explo > holder = Maderas del Muni S.L.; Sociedad Okume
        nomb_propt = Familia Inventada; Estado
        estad_atrb > status = Atribuida; Pendiente
        estad_expl = En explotación; Parada
        fech_atrb > granted_on = 2016-04-12; 2017-09-01
        fecha_fin > expires_on = 2019-04-12; 2020-09-01
        sup_adm_ha > area_official_ha = :ha*1.02
        sup_sig_ha = :ha
        local_dist = Niefang; Evinayong
        obs = ninguna
        """,
    ),
    Foreign(
        "Papua New Guinea, tenements",
        "concessions",
        """
        FID = :n
        TENID > code = EL 2#
        TEN_TYPE = EL; ML; AML
        OWNERS > holder = Highlands Copper Ltd; Sepik Gold Ltd; Landowners Association
        STAT_DESC > status = Current; Renewal pending
        APPLN_DATE > applied_on = 2007-02-01; 2011-06-13
        GRANT_DATE > granted_on = 2008-03-28; 2012-10-19
        EXPRY_DATE > expires_on = 2026-03-27; 2028-10-18
        COMMODITY > substance = Copper, Gold; Nickel
        AREA_SQKM = :km2
        AREA_HECT > area_official_ha = :ha
        PROV_NAME = Enga; East Sepik
        CHECKED_BY = AB
        """,
    ),
    Foreign(
        "Guinea, mining",
        "concessions",
        """
        id_sig = :n
        code_titre > code = A2019/#
        nom_soc > holder = Bauxite du Fouta SA; Or de Siguiri SARL
        type_titre = Permis de recherche; Permis d'exploitation
        subst_prin > substance = Bauxite; Or; Fer
        statut_jur > status = Actif; Expiré
        dat_dem > applied_on = 11/04/2018; 22/01/2019
        dat_octr > granted_on = 30/10/2018; 17/07/2019
        dat_expir > expires_on = 29/10/2033; 16/07/2034
        superf_km2 = :km2
        superf_ha > area_official_ha = :ha*1.01
        prefecture = Boké; Siguiri
        """,
    ),
    Foreign(
        "Angola, rural communities",
        "communities",
        """
        gid = :n
        id_comunid > code = AO-CR-#
        designacao > name = Ombala Alta; Tchikala Nova; Mbanza Pequena; Kimbo Velho
        grupo_etn > people = Ovimbundu; Bakongo; Ambundu
        sit_legal > recognition = Título emitido; Em curso
        pop_total > population = 310; 245; 701; 98; 540; 133; 412; 87
        agregados = 62; 49; 140; 20
        area_hect > area_official_ha = :ha*1.01
        municipio = Bailundo; Uíge
        dt_registo = 2018-05-05; 2019-06-06
        perim_km = 3.2; 4.1
        """,
    ),
    Foreign(
        "Uruguay, protected areas",
        "protected_areas",
        """
        objectid = :n
        id_area > code = SNAP-#
        nom_area > name = Laguna Breve; Cerro Bajo; Bañado Norte; Isla Larga
        categ_man > designation = Parque nacional; Paisaje protegido; Monumento natural
        catUICN > iucn_category = II; V; III
        estado_ing > status = Ingresada; Propuesta
        fec_ingreso > established_on = 2008-10-14; 2011-03-22
        decreto = 462/008; 121/011
        admin = MGAP; Intendencia
        tenencia > governance = Pública; Privada; Mixta
        has > area_official_ha = :ha*0.99
        st_area_sh = :m2
        """,
    ),
]
